//! The types of HogQL values: ClickHouse's, because PostHog's answers name them.
//!
//! A [`Type`] is a [`Kind`] and whether a value may be NULL. How a type is laid out in memory is decided in `lower`:
//! UUIDs are text, DateTimes are microseconds UTC whatever their zone, intervals are whole numbers.

use std::fmt;
use std::sync::Arc;

/// A kind of value and whether it may be NULL.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Type {
    /// What kind of value.
    pub kind: Kind,
    /// Whether it may be NULL. Arrays, tuples and maps never are.
    pub nullable: bool,
}

/// Kinds of values.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The kind of the literal NULL.
    Nothing,
    /// True or false.
    Bool,
    /// Whole numbers without sign: 8, 16, 32 or 64 bits. Comparisons are `UInt8` 0 or 1.
    UInt(Bits),
    /// Whole numbers with sign.
    Int(Bits),
    /// 32-bit float.
    Float32,
    /// 64-bit float.
    Float64,
    /// Decimal number: digits in all, digits after the point.
    Decimal(u8, i8),
    /// Text.
    String,
    /// UUID, kept as its 36 characters in lower case.
    Uuid,
    /// Calendar day.
    Date,
    /// Instant in whole seconds, shown in a zone.
    DateTime(Zone),
    /// Instant in 10^-n seconds (n at most 6), shown in a zone.
    DateTime64(u8, Zone),
    /// Whole number of calendar or clock units.
    Interval(IntervalUnit),
    /// Values of one type in order.
    Array(Box<Type>),
    /// Values of several types; names where given.
    Tuple(Vec<(Option<String>, Type)>),
    /// Keys and values.
    Map(Box<Type>, Box<Type>),
}

/// Widths of whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the variants are the widths in bits")]
pub enum Bits {
    B8,
    B16,
    B32,
    B64,
}

/// Name of a time zone, as in the IANA database.
pub type Zone = Arc<str>;

pub use hogql_syntax::ast::IntervalUnit;

impl Bits {
    /// Width in bits.
    #[must_use]
    pub const fn width(self) -> u8 {
        match self {
            Self::B8 => 8,
            Self::B16 => 16,
            Self::B32 => 32,
            Self::B64 => 64,
        }
    }

    /// The next larger width; 64 bits stay.
    #[must_use]
    pub const fn wider(self) -> Self {
        match self {
            Self::B8 => Self::B16,
            Self::B16 => Self::B32,
            Self::B32 | Self::B64 => Self::B64,
        }
    }
}

impl Type {
    /// A kind that is never NULL.
    #[must_use]
    pub const fn new(kind: Kind) -> Self {
        Self { kind, nullable: false }
    }

    /// Text, never NULL.
    pub const STRING: Self = Self::new(Kind::String);
    /// The type of comparisons.
    pub const UINT8: Self = Self::new(Kind::UInt(Bits::B8));
    /// The type of counts.
    pub const UINT64: Self = Self::new(Kind::UInt(Bits::B64));
    /// 64-bit whole numbers with sign.
    pub const INT64: Self = Self::new(Kind::Int(Bits::B64));
    /// 64-bit floats.
    pub const FLOAT64: Self = Self::new(Kind::Float64);
    /// Truth values.
    pub const BOOL: Self = Self::new(Kind::Bool);
    /// Calendar days.
    pub const DATE: Self = Self::new(Kind::Date);
    /// UUIDs.
    pub const UUID: Self = Self::new(Kind::Uuid);
    /// The type of the literal NULL.
    pub const NULL: Self = Self { kind: Kind::Nothing, nullable: true };

    /// Microsecond instants in a zone, as `events.timestamp`.
    #[must_use]
    pub fn datetime64(zone: &Zone) -> Self {
        Self::new(Kind::DateTime64(6, Arc::clone(zone)))
    }

    /// Whole-second instants in a zone.
    #[must_use]
    pub fn datetime(zone: &Zone) -> Self {
        Self::new(Kind::DateTime(Arc::clone(zone)))
    }

    /// An array of such values.
    #[must_use]
    pub fn array(element: Self) -> Self {
        Self::new(Kind::Array(Box::new(element)))
    }

    /// An unnamed tuple.
    #[must_use]
    pub fn tuple(elements: impl IntoIterator<Item = Self>) -> Self {
        Self::new(Kind::Tuple(elements.into_iter().map(|ty| (None, ty)).collect()))
    }

    /// The same kind, NULL allowed (arrays, tuples and maps stay as they are: ClickHouse has no nullable ones).
    #[must_use]
    pub fn to_nullable(&self) -> Self {
        let nullable = !self.is_composite();
        Self { kind: self.kind.clone(), nullable }
    }

    /// The same kind, never NULL.
    #[must_use]
    pub fn to_not_null(&self) -> Self {
        Self::new(self.kind.clone())
    }

    /// The same kind, NULL allowed if `nullable`.
    #[must_use]
    pub fn with_nullable(&self, nullable: bool) -> Self {
        if nullable { self.to_nullable() } else { self.to_not_null() }
    }

    /// Array, tuple or map.
    #[must_use]
    pub const fn is_composite(&self) -> bool {
        matches!(self.kind, Kind::Array(_) | Kind::Tuple(_) | Kind::Map(_, _))
    }

    /// Whole number, with or without sign.
    #[must_use]
    pub const fn is_integer(&self) -> bool {
        matches!(self.kind, Kind::UInt(_) | Kind::Int(_))
    }

    /// Float.
    #[must_use]
    pub const fn is_float(&self) -> bool {
        matches!(self.kind, Kind::Float32 | Kind::Float64)
    }

    /// Any number, truth values included (ClickHouse calculates with them as `UInt8`).
    #[must_use]
    pub const fn is_number(&self) -> bool {
        self.is_integer()
            || self.is_float()
            || matches!(self.kind, Kind::Decimal(_, _) | Kind::Bool)
    }

    /// Text.
    #[must_use]
    pub const fn is_string(&self) -> bool {
        matches!(self.kind, Kind::String)
    }

    /// `DateTime` or `DateTime64`.
    #[must_use]
    pub const fn is_datetime(&self) -> bool {
        matches!(self.kind, Kind::DateTime(_) | Kind::DateTime64(_, _))
    }

    /// `Date`, `DateTime` or `DateTime64`.
    #[must_use]
    pub const fn is_temporal(&self) -> bool {
        self.is_datetime() || matches!(self.kind, Kind::Date)
    }

    /// Element type of an array.
    #[must_use]
    pub fn element(&self) -> Option<&Self> {
        match &self.kind {
            Kind::Array(element) => Some(element),
            _ => None,
        }
    }
}

/// As ClickHouse writes it: `Nullable(DateTime64(6, 'UTC'))`.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.nullable { write!(f, "Nullable({})", self.kind) } else { self.kind.fmt(f) }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("Nothing"),
            Self::Bool => f.write_str("Bool"),
            Self::UInt(bits) => write!(f, "UInt{}", bits.width()),
            Self::Int(bits) => write!(f, "Int{}", bits.width()),
            Self::Float32 => f.write_str("Float32"),
            Self::Float64 => f.write_str("Float64"),
            Self::Decimal(precision, scale) => write!(f, "Decimal({precision}, {scale})"),
            Self::String => f.write_str("String"),
            Self::Uuid => f.write_str("UUID"),
            Self::Date => f.write_str("Date"),
            Self::DateTime(zone) => write!(f, "DateTime('{zone}')"),
            Self::DateTime64(digits, zone) => write!(f, "DateTime64({digits}, '{zone}')"),
            Self::Interval(unit) => write!(f, "Interval{unit:?}"),
            Self::Array(element) => write!(f, "Array({element})"),
            Self::Tuple(elements) => fmt_tuple(f, elements),
            Self::Map(key, value) => write!(f, "Map({key}, {value})"),
        }
    }
}

fn fmt_tuple(f: &mut fmt::Formatter<'_>, elements: &[(Option<String>, Type)]) -> fmt::Result {
    f.write_str("Tuple(")?;
    for (index, (name, ty)) in elements.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        if let Some(name) = name {
            write!(f, "{name} ")?;
        }
        write!(f, "{ty}")?;
    }
    f.write_str(")")
}
