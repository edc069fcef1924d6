//! The source of a template: from byte offsets to lines, columns and excerpts.

use std::fmt;
use std::sync::Arc;

use kopsform_diagnostics::{Excerpt, Finding, Location, Rule};

/// A range of a template's text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last one.
    pub end: usize,
}

impl Span {
    /// From one byte up to, but not including, another.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// From the start of this span to the end of the other.
    #[must_use]
    pub fn to(self, other: Span) -> Self {
        Self { start: self.start, end: other.end.max(self.end) }
    }
}

/// A template's name and text.
#[derive(Debug)]
pub struct Source {
    /// The file it came from, or another name to show.
    pub name: String,
    /// The text.
    pub text: Arc<str>,
    lines: Vec<usize>,
}

impl Source {
    /// A template and its name.
    pub fn new(name: &str, text: &str) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(i, _)| i + 1)).collect();
        Self { name: name.to_owned(), text: Arc::from(text), lines }
    }

    /// The source at a span; empty where there is none.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    /// The line and column of a byte.
    pub fn location(&self, offset: usize) -> Location {
        let line = self.lines.partition_point(|start| *start <= offset).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or_default();
        let column = self.text.get(start..offset).map_or(0, |s| s.chars().count()) + 1;
        Location { file: self.name.clone(), line, column }
    }

    /// An error about a span, with its location and excerpt.
    pub fn error(&self, code: Rule, span: Span, message: impl Into<String>) -> Finding {
        let location = self.location(span.start);
        let mut finding = Finding::error(code, "", message);
        finding.excerpt = self.excerpt(&location);
        finding.span = Some(span.start..span.end.max(span.start));
        finding.at(location)
    }

    /// What a finding shows of the line of a location; nothing where the line is blank.
    pub fn excerpt(&self, location: &Location) -> Option<Excerpt> {
        let start = *self.lines.get(location.line - 1)?;
        let line = self.text.get(start..)?.lines().next()?;
        let blank = line.chars().take(1000).all(char::is_whitespace);
        (!blank).then(|| Excerpt::new(line, location.column))
    }
}

/// A name in a message: in quotes, and cut where it is very long. Names can be computed, and as long as strings can be.
pub(super) struct Quoted<'n>(pub &'n str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 200;
        if self.0.len() <= SHOWN {
            return write!(f, "{:?}", self.0);
        }
        write!(f, "{:?}…", &self.0[..self.0.floor_char_boundary(SHOWN)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let source = Source::new("a.tpl", "one\nzwölf {{\n");
        let at = source.location(source.text.find("{{").unwrap_or_default());
        assert_eq!((at.line, at.column), (2, 7));
        assert_eq!(source.location(source.text.len()).line, 3);
    }

    #[test]
    fn very_long_lines_have_short_excerpts() {
        let source = Source::new("a.tpl", &"x".repeat(100_000));
        for start in [10, 90_000] {
            let finding = source.error(Rule::Syntax, Span::new(start, start + 1), "m");
            assert!(finding.excerpt.as_ref().is_some_and(|e| e.text().chars().count() <= 162 && e.is_cut()));
            assert_eq!(finding.span, Some(start..start + 1));
            assert!(finding.to_string().len() < 1000);
        }
    }
}
