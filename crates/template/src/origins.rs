//! Where the parts of an output come from, so that errors in rendered output point to the template.

use std::sync::Arc;

use super::source::Source;
use kopsform_diagnostics::{Excerpt, Location};

/// A part that is about to be printed.
pub(super) struct Mark<'t> {
    /// Its first byte in the output.
    pub at: usize,
    /// The template it comes from.
    pub source: &'t Arc<Source>,
    /// Its first byte there, or that of the action that made it.
    pub offset: usize,
    /// Whether it is the same in the template and the output; otherwise an action made it.
    pub verbatim: bool,
}

#[derive(Debug, Clone)]
struct Part {
    at: usize,
    /// Its index in the sources.
    source: u32,
    offset: usize,
    verbatim: bool,
}

/// Which part of which template each byte of an output comes from.
#[derive(Debug, Clone, Default)]
pub struct Origins {
    sources: Vec<Arc<Source>>,
    /// Sorted by their bytes of the output.
    parts: Vec<Part>,
}

/// A location in a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Its line and column: for what an action printed, those of the action.
    pub location: Location,
    /// What to show of its line; nothing where that is blank.
    pub excerpt: Option<Excerpt>,
}

impl Origins {
    pub(super) fn push(&mut self, mark: Mark<'_>) {
        let Mark { at, source, offset, verbatim } = mark;
        let known = self.sources.iter().rposition(|known| Arc::ptr_eq(known, source));
        let source = known.unwrap_or_else(|| {
            self.sources.push(source.clone());
            self.sources.len() - 1
        });
        let source = u32::try_from(source).unwrap_or(u32::MAX);
        // Nothing was printed since the last mark.
        if self.parts.last().is_some_and(|last| last.at == at) {
            self.parts.pop();
        }
        self.parts.push(Part { at, source, offset, verbatim });
    }

    /// Adds the origins of an output that is appended at a byte of this one.
    pub fn append(&mut self, at: usize, other: Origins) {
        let base = u32::try_from(self.sources.len()).unwrap_or(u32::MAX);
        self.sources.extend(other.sources);
        let parts = other.parts.into_iter();
        self.parts.extend(parts.map(|part| Part { at: part.at + at, source: part.source + base, ..part }));
    }

    /// Where a byte of the output comes from.
    pub fn of(&self, byte: usize) -> Option<Origin> {
        let index = self.parts.partition_point(|part| part.at <= byte).checked_sub(1)?;
        let part = self.parts.get(index)?;
        let source = self.sources.get(part.source as usize)?;
        let offset = if part.verbatim { part.offset + (byte - part.at) } else { part.offset };
        let location = source.location(offset.min(source.text.len()));
        Some(Origin { excerpt: source.excerpt(&location), location })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::{EvalContext, Template, Value};

    #[test]
    fn each_byte_is_traced_to_the_template() {
        let text = "a: 1\n{{ range .list }}\n- x: {{ . }} # end\n{{ end }}{{ include \"s\" . }}{{ template \"s\" . }}";
        let mut template = Template::parse("t.yml", text).unwrap();
        template.add("s", "s.yml", "snippet\n").unwrap();
        let data = Value::from(&serde_json::json!({"list": ["one", "two"]}));
        let (out, origins) = template.render_traced(&data, &EvalContext::default()).unwrap();
        let place = |needle: &str, nth: usize| {
            let byte = out.match_indices(needle).nth(nth).unwrap().0;
            origins.of(byte).unwrap().location.to_string()
        };
        assert_eq!(place("a: 1", 0), "t.yml:1:1");
        assert_eq!(place("x: ", 0), "t.yml:3:3");
        assert_eq!(place("two", 0), "t.yml:3:9");
        assert_eq!(place("end", 1), "t.yml:3:16");
        assert_eq!(place("snippet", 0), "t.yml:4:13", "what is included has the location of the action");
        assert_eq!(place("snippet", 1), "s.yml:1:1");
        assert_eq!(origins.of(out.len() + 5).map(|o| o.location.file), Some("s.yml".to_owned()));
    }
}
