//! A text with its name, for places and excerpts.

use std::sync::OnceLock;

use super::Position;
use kopsform_diagnostics::Location;

/// A text a person wrote, under the name they know it by.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// The file, or another name of the text.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// Where each line begins, made on first use.
    lines: OnceLock<Vec<usize>>,
}

impl Source {
    /// A text under a name.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into(), lines: OnceLock::new() }
    }

    /// The place of a line and column in this text, both from 1.
    pub fn location(&self, line: usize, column: usize) -> Location {
        Location { file: self.name.clone(), line, column }
    }

    /// The place of a node of this text.
    pub fn place(&self, position: Position) -> Location {
        self.location(position.line as usize, position.column as usize)
    }

    /// A line by its number from 1, without its line break.
    pub fn line(&self, number: u32) -> Option<&str> {
        let starts = self.lines.get_or_init(|| {
            let after_breaks = self.text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at + 1);
            std::iter::once(0).chain(after_breaks).collect()
        });
        let start = *starts.get((number as usize).checked_sub(1)?)?;
        self.text.get(start..)?.lines().next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_by_number() {
        let source = Source::new("f", "one\r\ntwo\n\nfour");
        let lines: Vec<_> = (0..6).map(|n| source.line(n)).collect();
        assert_eq!(lines, [None, Some("one"), Some("two"), Some(""), Some("four"), None]);
    }
}
