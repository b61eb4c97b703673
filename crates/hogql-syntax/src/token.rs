//! The pieces that the lexer cuts a text into.

use crate::Span;
use crate::keywords::Keyword;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// A bare word: a name, and perhaps a keyword.
    Word,
    /// A name in backticks or double quotes.
    QuotedName,
    /// `12`, `08`.
    Decimal,
    /// `017`: decimal in value, but no index of a tuple.
    LeadingZero,
    /// `0x1F`.
    Hex,
    /// `0b10`.
    Binary,
    /// `0o17`: refused.
    OctalPrefix,
    /// `1e5`, `1.5e3`, `.5e3`, `0x1p3`.
    Float,
    /// `'text'`.
    String,
    /// `f'`: a template begins.
    TemplateStart,
    /// Text inside a template.
    TemplateText,
    /// The quote that ends a template.
    TemplateEnd,
    /// `F'`: only the entry point for templates takes it.
    FullTemplateStart,
    /// Text between tags.
    TagText,
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    Eq,
    NotEq,
    Lt,
    LtEq,
    Gt,
    GtEq,
    /// `<=>`
    Spaceship,
    /// `=~` and `~`
    Regex,
    /// `!~`
    NotRegex,
    /// `=~*` and `~*`
    IRegex,
    /// `!~*`
    NotIRegex,
    /// `->`
    Arrow,
    /// `||`
    Concat,
    /// `??`
    Coalesce,
    Question,
    /// `?.`
    QuestionDot,
    Colon,
    /// `::`
    DoubleColon,
    /// `:=`
    Assign,
    Comma,
    Dot,
    Semicolon,
    Hash,
    LParen,
    RParen,
    LBracket,
    RBracket,
    LBrace,
    RBrace,
    /// `</`
    LtSlash,
    /// `/>`
    SlashGt,
    /// Something the lexer has already complained about.
    Error,
    /// After the last token.
    End,
}

impl TokenKind {
    /// How messages call it when there is no text to show.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::Word | Self::QuotedName => "a name",
            Self::Decimal
            | Self::LeadingZero
            | Self::Hex
            | Self::Binary
            | Self::OctalPrefix
            | Self::Float => "a number",
            Self::String => "a string",
            Self::RParen => "`)`",
            Self::RBracket => "`]`",
            Self::RBrace => "`}`",
            Self::LParen => "`(`",
            Self::Colon => "`:`",
            Self::Comma => "`,`",
            Self::Gt => "`>`",
            Self::Arrow => "`->`",
            Self::TemplateEnd => "the closing quote of the template",
            Self::End => "the end of the text",
            _ => "something else",
        }
    }
}

/// A piece of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    /// What it is.
    pub(crate) kind: TokenKind,
    /// Which keyword, for a [`TokenKind::Word`].
    pub(crate) keyword: Option<Keyword>,
    /// Where.
    pub(crate) span: Span,
}

impl Token {
    /// A token that is no word.
    pub(crate) fn new(kind: TokenKind, span: Span) -> Self {
        Self { kind, keyword: None, span }
    }

    /// Whether it may stand where the grammar wants a name.
    pub(crate) fn is_name(self) -> bool {
        match self.kind {
            TokenKind::Word => self.keyword.is_none_or(|keyword| !keyword.is_reserved()),
            kind => kind == TokenKind::QuotedName,
        }
    }

    /// Whether it stands between two queries.
    pub(crate) fn is_set_operator(self) -> bool {
        matches!(self.keyword, Some(Keyword::Union | Keyword::Intersect | Keyword::Except))
    }

    /// Whether it is an unsigned number.
    pub(crate) fn is_number(self) -> bool {
        use TokenKind::*;
        matches!(self.kind, Decimal | LeadingZero | Hex | Binary | OctalPrefix | Float)
    }
}
