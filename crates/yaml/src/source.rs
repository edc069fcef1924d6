//! A named text, for locations and excerpts.

use std::sync::OnceLock;

use super::Position;
use kopsform_diagnostics::{Excerpt, Location};

/// The content of a file, under the name that messages show.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// The file, or another name.
    pub name: String,
    /// The whole content.
    pub text: String,
    /// Made on first use.
    index: OnceLock<Index>,
}

/// The positions of lines and characters. With it, a column of a line of megabytes is found without reading the line.
#[derive(Debug, Clone)]
struct Index {
    /// The byte each line begins at.
    lines: Vec<usize>,
    /// How many characters come before every [`STEP`]th byte.
    characters: Vec<usize>,
}

/// Bytes between two entries of [`Index::characters`].
const STEP: usize = 1024;
/// How many characters an excerpt shows before its column.
const BEFORE: usize = 80;

/// Characters that begin in a slice, which may start or end within one.
fn count_starts(bytes: &[u8]) -> usize {
    bytes.iter().filter(|b| !matches!(b, 0x80..=0xbf)).count()
}

impl Index {
    fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let after_breaks = bytes.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(at, _)| at + 1);
        // One entry more than there are whole steps, for the end of the text.
        let mut characters = vec![0];
        for chunk in bytes.chunks(STEP) {
            characters.push(characters.last().copied().unwrap_or_default() + count_starts(chunk));
        }
        Self { characters, lines: std::iter::once(0).chain(after_breaks).collect() }
    }

    /// How many characters begin before a byte.
    fn characters_before(&self, text: &str, byte: usize) -> usize {
        let step = byte / STEP;
        let counted = self.characters.get(step).copied().unwrap_or_default();
        counted + count_starts(text.as_bytes().get(step * STEP..byte).unwrap_or_default())
    }

    /// The byte where a character begins, by its number from 0; the length of the text where there is none.
    fn byte_of(&self, text: &str, character: usize) -> usize {
        let step = self.characters.partition_point(|before| *before <= character).saturating_sub(1);
        let mut left = character - self.characters.get(step).copied().unwrap_or_default().min(character);
        let start = step * STEP;
        for (at, byte) in text.as_bytes().get(start..).unwrap_or_default().iter().enumerate() {
            if !matches!(byte, 0x80..=0xbf) {
                if left == 0 {
                    return start + at;
                }
                left -= 1;
            }
        }
        text.len()
    }
}

impl Source {
    /// A file's content and its name.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into(), index: OnceLock::new() }
    }

    /// The location of a line and column in this text, both from 1.
    pub fn location(&self, line: usize, column: usize) -> Location {
        Location { file: self.name.clone(), line, column }
    }

    /// The location of a node of this text.
    pub fn place(&self, position: Position) -> Location {
        self.location(position.line as usize, position.column as usize)
    }

    /// A line by its number from 1, without its line break.
    pub fn line(&self, number: u32) -> Option<&str> {
        self.text.get(self.line_start(number as usize)?..)?.lines().next()
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::new(&self.text))
    }

    fn line_start(&self, number: usize) -> Option<usize> {
        self.index().lines.get(number.checked_sub(1)?).copied()
    }

    /// What a finding at a line and column, both from 1, shows of the line. Takes the same time for lines of any length.
    pub fn excerpt(&self, line: usize, column: usize) -> Option<Excerpt> {
        let index = self.index();
        let start = self.line_start(line)?;
        let first = index.characters_before(&self.text, start);
        let column = column.max(1);
        let end = index.lines.get(line).map_or(self.text.len(), |next| next - 1);
        let wanted = index.byte_of(&self.text, first + column - 1).min(end);
        // Short lines are shown whole, and long ones up to their own end.
        let column = index.characters_before(&self.text, wanted) - first + 1;
        let skipped = if end - start <= 2 * BEFORE { 0 } else { (column - 1).saturating_sub(BEFORE) };
        let shown = index.byte_of(&self.text, first + skipped);
        // Enough bytes for an excerpt and the character that says that more follows.
        let mut stop = end.min(shown + 4 * (2 * BEFORE + 1));
        while !self.text.is_char_boundary(stop) {
            stop -= 1;
        }
        let rest = self.text.get(shown..stop)?;
        Some(Excerpt::near(rest.strip_suffix('\r').unwrap_or(rest), skipped > 0, column - skipped))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_are_found_by_number() {
        let source = Source::new("f", "one\r\ntwo\n\nfour");
        let lines: Vec<_> = (0..6).map(|n| source.line(n)).collect();
        assert_eq!(lines, [None, Some("one"), Some("two"), Some(""), Some("four"), None]);
    }

    #[test]
    fn excerpts_of_long_lines_are_short_and_fast() {
        let text = format!("a\n{}!\n", "é".repeat(5_000_000));
        let source = Source::new("f", text);
        for column in (1..5_000_000).step_by(5_000) {
            let excerpt = source.excerpt(2, column);
            assert!(excerpt.is_some_and(|e| e.text().chars().count() <= 162 && e.column() <= 82));
        }
        let last = source.excerpt(2, 5_000_001);
        assert_eq!(last.map(|e| e.text().chars().nth(e.column() - 1)), Some(Some('!')));
        assert_eq!(source.excerpt(1, 1).map(|e| e.text().to_owned()).as_deref(), Some("a"));
        assert_eq!(source.excerpt(9, 1), None);
        // A file that ends where a step does.
        let source = Source::new("f", "é".repeat(STEP));
        assert_eq!(source.excerpt(1, 2 * STEP).map(|e| e.column()), Some(82));
    }

    proptest! {
        /// The character at the column is the one that is marked.
        #[test]
        fn excerpts_mark_their_column(lines in prop::collection::vec("[a-zéß🦀]{0,400}", 1..5), line in 0usize..5, column in 1usize..400) {
            let source = Source::new("f", lines.join("\n"));
            let excerpt = source.excerpt(line + 1, column);
            prop_assert_eq!(excerpt.is_some(), line < lines.len());
            if let Some(excerpt) = excerpt && let Some(expected) = lines[line].chars().nth(column - 1) {
                prop_assert_eq!(excerpt.text().chars().nth(excerpt.column() - 1), Some(expected));
            }
        }
    }
}
