//! Paths given as arguments.

use crate::functions::KernelArgs;
use crate::functions::input::{Ints, Text};
use arrow::datatypes::DataType;
use datafusion::common::Result;
use events::property::json::raw_at_path;
use events::property::{Path, Step};

/// JSON texts and the path that is read from them.
pub(super) struct Document {
    texts: Text,
    path: DocumentPath,
}

enum DocumentPath {
    /// The same for all rows.
    Constant(Box<Path>),
    /// One for each row.
    Steps(Vec<StepColumn>),
}

enum StepColumn {
    Key(Text),
    Index(Ints),
}

impl Document {
    /// JSON is argument 0, the path starts at argument `from`.
    pub(super) fn of(args: &KernelArgs<'_>, from: usize) -> Result<Self> {
        let texts = Text::of(args, 0)?;
        let mut steps = Vec::new();
        for (index, arg) in args.args.iter().enumerate().skip(from) {
            steps.push(match arg.data_type() {
                DataType::Utf8View | DataType::Utf8 | DataType::LargeUtf8 => {
                    StepColumn::Key(Text::of(args, index)?)
                }
                _ => StepColumn::Index(Ints::of(args, index)?),
            });
        }
        let constant: Option<Vec<Step>> = steps.iter().map(StepColumn::constant).collect();
        let path = constant.map_or(DocumentPath::Steps(steps), |steps| {
            DocumentPath::Constant(Box::new(Path::new(&steps)))
        });
        Ok(Self { texts, path })
    }

    /// `None` if the text or a step is NULL; `Some(None)` if there is no value at the path.
    pub(super) fn get(&self, row: usize) -> Option<Option<&str>> {
        let text = self.texts.get(row)?;
        Some(match &self.path {
            DocumentPath::Constant(path) => path.raw(text),
            DocumentPath::Steps(steps) => {
                let steps = steps.iter().map(|step| step.get(row)).collect::<Option<Vec<_>>>()?;
                raw_at_path(text, &steps)
            }
        })
    }
}

impl StepColumn {
    fn constant(&self) -> Option<Step> {
        match self {
            Self::Key(text) => text.constant().map(|key| Step::Key(key.to_owned())),
            Self::Index(Ints::Constant(index)) => index.map(Step::Index),
            Self::Index(Ints::Column(_)) => None,
        }
    }

    fn get(&self, row: usize) -> Option<Step> {
        match self {
            Self::Key(text) => text.get(row).map(|key| Step::Key(key.to_owned())),
            Self::Index(index) => index.get(row).map(Step::Index),
        }
    }
}
