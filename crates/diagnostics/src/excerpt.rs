//! The part of a line that a finding shows.

use std::fmt;

/// How many characters of a line are shown. Lines can be as long as the file (JSON on one line).
pub const WIDTH: usize = 160;
/// Stands for what is cut off.
const CUT: char = '…';

/// A line, or the part of a longer line around a column. Its size does not depend on the length of the line, so that many
/// findings about one long line take little memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    text: String,
    column: usize,
    cut: bool,
}

impl Excerpt {
    /// The part of a line around a column, which counts characters from 1.
    pub fn new(line: &str, column: usize) -> Self {
        let column = column.max(1);
        // Lines that fit are shown whole; of others, the column is in the middle.
        let fits = line.chars().nth(WIDTH).is_none();
        let skip = if fits { 0 } else { (column - 1).saturating_sub(WIDTH / 2) };
        let mut rest = line.chars();
        if skip > 0 {
            rest.nth(skip - 1);
        }
        Self::near(rest.as_str(), skip > 0, column - skip)
    }

    /// An excerpt that begins at a known place of a line: `rest` is the line from there on, `cut` whether something comes
    /// before, `column` the marked character of `rest`, from 1.
    pub fn near(rest: &str, cut: bool, column: usize) -> Self {
        let mut text = String::new();
        text.extend(cut.then_some(CUT));
        let mut characters = rest.chars();
        text.extend(characters.by_ref().take(WIDTH).map(|c| if c.is_control() { ' ' } else { c }));
        let cut_after = characters.next().is_some();
        text.extend(cut_after.then_some(CUT));
        Self { text, column: column.clamp(1, WIDTH + 1) + usize::from(cut), cut: cut || cut_after }
    }

    /// What is shown of the line; control characters are blanks.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The character of [`Excerpt::text`] the finding is about, from 1.
    pub fn column(&self) -> usize {
        self.column
    }

    /// Whether the line is longer than what is shown.
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// The same with another text, such as one without secrets.
    #[must_use]
    pub fn with_text(self, text: String) -> Self {
        Self { text, ..self }
    }

    /// Writes the line with its number, and a mark below the column.
    pub(crate) fn write(&self, f: &mut fmt::Formatter<'_>, line: usize) -> fmt::Result {
        // The column is at most WIDTH + 2: a width in a format string must fit 16 bits.
        write!(f, "\n  {line:>4} | {}\n       | {:>column$}", self.text, "^", column = self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_lines_are_shown_whole() {
        let excerpt = Excerpt::new("a:\tb", 4);
        assert_eq!((excerpt.text(), excerpt.column(), excerpt.is_cut()), ("a: b", 4, false));
        assert_eq!(Excerpt::new(&"x".repeat(WIDTH), WIDTH + 1).column(), WIDTH + 1);
        assert_eq!(Excerpt::new("", 0).column(), 1);
    }

    #[test]
    fn of_long_lines_the_part_near_the_column_is_shown() {
        let line = format!("{}é{}", "x".repeat(70_000), "y".repeat(70_000));
        for column in [1, 2, 80, 81, 160, 161, 70_001, 140_001, 10_000_000] {
            let excerpt = Excerpt::new(&line, column);
            assert!(excerpt.text().chars().count() <= WIDTH + 2);
            assert!(excerpt.column() <= WIDTH + 2);
            assert!(excerpt.is_cut());
        }
        let middle = Excerpt::new(&line, 70_001);
        assert_eq!(middle.text().chars().nth(middle.column() - 1), Some('é'));
        assert!(middle.text().starts_with('…') && middle.text().ends_with('…'));
    }
}
