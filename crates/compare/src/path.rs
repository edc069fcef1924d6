//! Paths of values within a document: `spec.template.spec.containers[coredns].image`.

use std::fmt;

/// One step from a value to a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    /// A field of a mapping, or an argument.
    Field(String),
    /// An item of a list that something in it identifies: `[coredns]`.
    Key(String),
    /// An item of a list, from 0.
    Index(usize),
}

/// The steps from a document to a value; empty for the document itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Path(pub Vec<Segment>);

impl Path {
    pub(crate) fn field(&self, name: &str) -> Self {
        self.with(Segment::Field(name.to_owned()))
    }

    pub(crate) fn with(&self, segment: Segment) -> Self {
        let mut segments = self.0.clone();
        segments.push(segment);
        Self(segments)
    }

    pub(crate) fn join(&self, below: Self) -> Self {
        let mut segments = self.0.clone();
        segments.extend(below.0);
        Self(segments)
    }

    /// The name of the last field, whatever item of it the path leads to.
    pub(crate) fn last_field(&self) -> Option<&str> {
        self.0.iter().rev().find_map(|segment| match segment {
            Segment::Field(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// The name of the first field.
    pub(crate) fn first_field(&self) -> Option<&str> {
        match self.0.first() {
            Some(Segment::Field(name)) => Some(name),
            _ => None,
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let simple = |name: &str| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '$'))
        };
        for (i, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Field(name) if simple(name) => write!(f, "{}{name}", if i == 0 { "" } else { "." })?,
                Segment::Field(name) => write!(f, "[{}]", serde_json::Value::from(name.as_str()))?,
                Segment::Key(key) => write!(f, "[{key}]")?,
                Segment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_like_the_document() {
        let path = Path::default().field("spec").field("containers").with(Segment::Key("a".into())).field("image");
        assert_eq!(path.to_string(), "spec.containers[a].image");
        assert_eq!(Path::default().field("labels").field("k8s.io/app").to_string(), r#"labels["k8s.io/app"]"#);
        assert_eq!(path.last_field(), Some("image"));
    }
}
