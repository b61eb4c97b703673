//! Patterns of RE2's syntax in the syntax of the `regex` crate.
//!
//! They differ in what a backslash, a brace or a bracket inside brackets means, and RE2's `\d \w \s \b` know ASCII only.

use std::iter::Peekable;
use std::str::Chars;

/// The pattern in the other syntax.
///
/// # Errors
/// If it uses what only backtracking engines have.
pub(super) fn translate(pattern: &str) -> Result<String, String> {
    let mut translation = Translation {
        chars: pattern.chars().peekable(),
        out: String::with_capacity(pattern.len() + 8),
    };
    translation
        .run()
        .map_err(|reason| format!("`{pattern}` is no regular expression: {reason}"))?;
    Ok(translation.out)
}

struct Translation<'p> {
    chars: Peekable<Chars<'p>>,
    out: String,
}

impl Translation<'_> {
    fn run(&mut self) -> Result<(), String> {
        while let Some(char) = self.chars.next() {
            match char {
                '\\' => self.escape(false)?,
                '[' => self.class()?,
                '{' if !self.is_repetition() => self.out.push_str(r"\{"),
                '(' => self.group()?,
                _ => self.out.push(char),
            }
        }
        Ok(())
    }

    /// Whether `{` is followed by `n}`, `n,}` or `n,m}`.
    fn is_repetition(&self) -> bool {
        let rest: String = self
            .chars
            .clone()
            .take_while(|char| char.is_ascii_digit() || matches!(char, ',' | '}'))
            .collect();
        let Some((counts, _)) = rest.split_once('}') else { return false };
        let (least, most) = counts.split_once(',').unwrap_or((counts, "0"));
        !least.is_empty() && !most.contains(',')
    }

    fn group(&mut self) -> Result<(), String> {
        self.out.push('(');
        let mut ahead = self.chars.clone();
        if ahead.next() != Some('?') {
            return Ok(());
        }
        match (ahead.next(), ahead.next()) {
            (Some('=' | '!'), _) | (Some('<'), Some('=' | '!')) => {
                Err("look-around is not supported".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// What follows a backslash.
    fn escape(&mut self, in_class: bool) -> Result<(), String> {
        let Some(char) = self.chars.next() else { return Err("a backslash at the end".to_owned()) };
        let classes = if in_class {
            ["0-9", "0-9A-Za-z_", r"\t\n\f\r "]
        } else {
            ["[0-9]", "[0-9A-Za-z_]", r"[\t\n\f\r ]"]
        };
        match char {
            'd' => self.out.push_str(classes[0]),
            'w' => self.out.push_str(classes[1]),
            's' => self.out.push_str(classes[2]),
            'D' => self.out.push_str("[^0-9]"),
            'W' => self.out.push_str("[^0-9A-Za-z_]"),
            'S' => self.out.push_str(r"[^\t\n\f\r ]"),
            'b' if !in_class => self.out.push_str(r"(?-u:\b)"),
            'Q' if !in_class => self.quoted(),
            '0'..='7' => self.octal(char)?,
            '8' | '9' => return Err(format!(r"back references such as \{char} are not supported")),
            '<' | '>' => self.out.push(char),
            _ => {
                self.out.push('\\');
                self.out.push(char);
            }
        }
        Ok(())
    }

    /// `\Q..\E`: all of it stands for itself.
    fn quoted(&mut self) {
        while let Some(char) = self.chars.next() {
            if char == '\\' && self.chars.next_if_eq(&'E').is_some() {
                return;
            }
            self.out.push_str(&::regex::escape(char.encode_utf8(&mut [0; 4])));
        }
    }

    /// `\0`, `\123`: a character by its number; one digit from 1 on would be a back reference.
    fn octal(&mut self, first: char) -> Result<(), String> {
        let mut digits = String::from(first);
        while digits.len() < 3 {
            match self.chars.next_if(|char| ('0'..='7').contains(char)) {
                Some(digit) => digits.push(digit),
                None => break,
            }
        }
        if first != '0' && digits.len() == 1 {
            return Err(format!(r"back references such as \{first} are not supported"));
        }
        let code = u32::from_str_radix(&digits, 8).unwrap_or_default();
        self.out.push_str(&format!(r"\x{{{code:X}}}"));
        Ok(())
    }

    /// The inside of brackets, where RE2 knows no operators and no nesting but `[:alpha:]`.
    fn class(&mut self) -> Result<(), String> {
        self.out.push('[');
        if self.chars.next_if_eq(&'^').is_some() {
            self.out.push('^');
        }
        if self.chars.next_if_eq(&']').is_some() {
            self.out.push_str(r"\]");
        }
        while let Some(char) = self.chars.next() {
            match char {
                ']' => {
                    self.out.push(']');
                    return Ok(());
                }
                '\\' => self.escape(true)?,
                '[' if self.chars.peek() == Some(&':') && self.posix() => {}
                '[' | '&' | '~' => {
                    self.out.push('\\');
                    self.out.push(char);
                }
                '-' if self.chars.peek() == Some(&'-') => self.out.push_str(r"\-"),
                _ => self.out.push(char),
            }
        }
        Err("a `[` that is not closed".to_owned())
    }

    /// Copies `[:name:]` if it is one.
    fn posix(&mut self) -> bool {
        let rest: String = self.chars.clone().take(16).collect();
        let Some((name, _)) = rest.split_once(":]") else { return false };
        let length = name.chars().count() + 2;
        self.out.push('[');
        self.out.extend(self.chars.by_ref().take(length));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::translate;

    #[test]
    fn keeps_what_means_the_same() {
        for pattern in [
            "",
            "a.b*",
            "(a|b)+?",
            "^x{2,3}$",
            "[a-z]",
            "[^a]",
            "[[:alpha:]]",
            r"\.",
            r"\x41",
            r"\pL",
            "(?i)a",
            "(?P<n>a)",
        ] {
            assert_eq!(translate(pattern).as_deref(), Ok(pattern));
        }
    }

    #[test]
    fn translates_what_differs() {
        let cases = [
            (r"\d+", "[0-9]+"),
            (r"[\w-]", "[0-9A-Za-z_-]"),
            (r"\bx", r"(?-u:\b)x"),
            ("a{", r"a\{"),
            ("a{x}", r"a\{x}"),
            ("a{,3}", r"a\{,3}"),
            ("[a[b]", r"[a\[b]"),
            ("[a&&b]", r"[a\&\&b]"),
            ("[]a]", r"[\]a]"),
            (r"\Qa.b\Ec", r"a\.bc"),
            (r"\<", "<"),
            (r"\101", r"\x{41}"),
        ];
        for (pattern, expected) in cases {
            assert_eq!(translate(pattern).as_deref(), Ok(expected), "{pattern}");
        }
    }

    #[test]
    fn refuses_what_needs_backtracking() {
        for pattern in [r"(a)\1", "(?=a)", "(?<!a)", "[a", "\\"] {
            assert!(translate(pattern).is_err(), "{pattern}");
        }
    }
}
