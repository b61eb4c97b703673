//! Marks against the names that were written, and damaged pages.

use super::*;
use crate::store::narrow::local::LocalFile;
use arrow::array::{ArrayRef, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::reader::FileReader;
use parquet::file::serialized_reader::SerializedFileReader;
use std::fs::File;

/// Every third name is marked.
fn marks(names: usize) -> HashMap<String, u64> {
    (0..names).step_by(3).map(|name| (format!("event {name}"), name as u64 + 1)).collect()
}

/// Rows of so many names, in stretches of one name and changing from row to row.
fn numbers(rows: usize, names: usize) -> Vec<usize> {
    let mut state = 7_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as usize
    };
    let mut numbers = Vec::new();
    while numbers.len() < rows {
        let (name, length) = (next() % names, if next() % 4 == 0 { next() % 100 } else { 1 });
        numbers.extend(std::iter::repeat_n(name, length));
    }
    numbers.truncate(rows);
    numbers
}

fn check(rows: usize, names: usize, version: WriterVersion) {
    let numbers = numbers(rows, names);
    let column = StringArray::from_iter_values(numbers.iter().map(|name| format!("event {name}")));
    let batch = RecordBatch::try_from_iter([("event", Arc::new(column) as ArrayRef)]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.parquet");
    // Names that no longer fit in the dictionary are written as they are.
    let properties = WriterProperties::builder()
        .set_writer_version(version)
        .set_dictionary_page_size_limit(4_000)
        .set_data_page_row_count_limit(1_024)
        .set_max_row_group_row_count(Some(5_000))
        .build();
    let out = File::create(&path).unwrap();
    let mut writer = ArrowWriter::try_new(out, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();

    let (marks, mut found) = (Arc::new(marks(names)), Vec::new());
    let metadata = SerializedFileReader::new(File::open(&path).unwrap()).unwrap();
    let local = LocalFile::new(path.clone(), std::fs::metadata(&path).unwrap().len());
    let reader = Arc::new(local.reader().unwrap());
    for group in metadata.metadata().row_groups() {
        if !are_understood(group.column(0).encodings()) {
            // Names outside the dictionary are in another encoding there, which is left to the arrays' reader.
            assert!(version == WriterVersion::PARQUET_2_0 && names > 300, "{names} names");
            return;
        }
        let rows = usize::try_from(group.num_rows()).unwrap();
        let pages = SerializedPageReader::new(Arc::clone(&reader), group.column(0), rows, None);
        let mut codes = Codes::new(pages.unwrap(), Arc::clone(&marks));
        let mut left = rows;
        for length in [1, 7, 8, 9, 100, 1_000].into_iter().cycle() {
            let length = left.min(length);
            found.extend(codes.read(length).unwrap());
            left -= length;
            if left == 0 {
                break;
            }
        }
        let error = codes.read(1).unwrap_err().to_string();
        assert!(error.contains("shorter than others"), "{error}");
    }
    let expected = numbers.iter().map(|name| if name % 3 == 0 { *name as u64 + 1 } else { 0 });
    assert_eq!(found, expected.collect::<Vec<_>>(), "{rows} rows of {names} names");
}

#[test]
fn marks_are_those_of_the_names() {
    for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
        for names in [1, 2, 3, 40, 255, 256, 257, 300, 5_000] {
            check(12_000, names, version);
        }
        check(7, 3, version);
    }
}

#[test]
fn packed_numbers_of_every_width_are_found() {
    for width in 0..=16_usize {
        let names = 1 << width;
        let numbers: Vec<usize> = (0..1_003).map(|row| row * 7 % names).collect();
        let (mut bytes, mut word, mut bits) = (vec![width as u8], 0_u128, 0);
        let eights = numbers.len().div_ceil(8);
        // The head of a run in seven bits a byte.
        let head = (eights << 1) | 1;
        bytes.extend([(head & 0x7f) as u8 | 0x80, (head >> 7) as u8]);
        for number in numbers.iter().copied().chain([0; 5]) {
            word |= (number as u128) << bits;
            bits += width;
            while bits >= 8 {
                bytes.push(word as u8);
                (word, bits) = (word >> 8, bits - 8);
            }
        }
        let table = Table::new((0..names as u64).map(|name| name * 3).collect());
        let mut hybrid = Hybrid::new(bytes.into()).unwrap();
        let mut found = vec![0; numbers.len()];
        let (one, other) = found.split_at_mut(13);
        hybrid.look_up(&table, one).unwrap();
        hybrid.look_up(&table, other).unwrap();
        let expected: Vec<u64> = numbers.iter().map(|number| *number as u64 * 3).collect();
        assert_eq!(found, expected, "{width} bits");
    }
}

#[test]
fn damaged_numbers_are_refused() {
    let refused = |bytes: &[u8], names: u64, rows: usize| {
        let table = Table::new((0..names).collect());
        let hybrid = Hybrid::new(Bytes::copy_from_slice(bytes));
        let read = hybrid.and_then(|mut hybrid| hybrid.look_up(&table, &mut vec![0; rows]));
        read.unwrap_err().to_string()
    };
    assert!(refused(&[], 2, 1).contains("numbers of None bits"));
    assert!(refused(&[33], 2, 1).contains("numbers of Some(33) bits"));
    assert!(refused(&[1], 2, 1).contains("head of a run is cut off"));
    assert!(refused(&[1, 0x80], 2, 1).contains("head of a run is cut off"));
    assert!(refused(&[1, 0, 0], 2, 1).contains("run of nothing"));
    assert!(refused(&[1, 4], 2, 1).contains("run is cut off"));
    assert!(refused(&[8, 4, 2], 2, 2).contains("number 2 of 2"));
    assert!(refused(&[2, 3, 0xff, 0xff], 3, 8).contains("number 3 of 3"));
    assert!(refused(&[2, 5, 0, 0], 3, 16).contains("packed numbers are cut off"));
    assert!(refused(&[1, 4, 0], 0, 2).contains("number 0 of 0"));
}

#[test]
fn cut_off_names_are_refused() {
    let mut whole = Bytes::from_static(&[2, 0, 0, 0, b'h', b'i', 1, 0, 0, 0]);
    assert_eq!(name(&mut whole).unwrap(), "hi");
    assert!(name(&mut whole).unwrap_err().to_string().contains("cut off"));
    assert!(name(&mut Bytes::from_static(&[1, 0])).is_err());
}
