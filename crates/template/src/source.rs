//! The text of a template: from byte offsets to lines, columns and excerpts.

use std::sync::Arc;

use kopsform_diagnostics::{Finding, Location, Rule};

/// A stretch of a template's text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last one.
    pub end: usize,
}

impl Span {
    /// From one byte up to, and without, another.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The stretch from the start of this one to the end of the other.
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

/// Longer lines are cut after the place a finding is about.
const EXCERPT: usize = 160;

impl Source {
    /// Takes a text in.
    pub fn new(name: &str, text: &str) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(i, _)| i + 1)).collect();
        Self { name: name.to_owned(), text: Arc::from(text), lines }
    }

    /// The text of a stretch; empty where it is none.
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

    /// An error about a stretch, with its place and its line.
    pub fn error(&self, code: Rule, span: Span, message: impl Into<String>) -> Finding {
        let location = self.location(span.start);
        let mut finding = Finding::error(code, "", message);
        finding.excerpt = self.excerpt(&location);
        finding.at(location)
    }

    /// The line of a place, cut to a length that can be shown; none where it is blank or the place too far right.
    pub fn excerpt(&self, location: &Location) -> Option<String> {
        let start = *self.lines.get(location.line - 1)?;
        let line = self.text.get(start..)?.lines().next()?;
        if line.trim().is_empty() || location.column > EXCERPT {
            return None;
        }
        Some(line.chars().take(EXCERPT).map(|c| if c.is_control() { ' ' } else { c }).collect())
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
        let finding = source.error(Rule::Syntax, Span::new(10, 11), "m");
        assert_eq!(finding.excerpt.map(|e| e.len()), Some(EXCERPT));
        assert_eq!(source.error(Rule::Syntax, Span::new(90_000, 90_001), "m").excerpt, None);
    }
}
