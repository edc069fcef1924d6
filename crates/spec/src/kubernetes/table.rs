//! The table of `table.txt`, read once.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::LazyLock;

use super::Component;

pub(super) static TABLE: LazyLock<Table> = LazyLock::new(|| Table::parse(include_str!("table.txt")));

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Api,
    Flag,
    Gate,
    Plugin,
}

impl FromStr for Kind {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Ok(match word {
            "api" => Self::Api,
            "flag" => Self::Flag,
            "gate" => Self::Gate,
            "plugin" => Self::Plugin,
            _ => return Err(()),
        })
    }
}

/// When some components took a name. Minors are those of Kubernetes 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    /// Letters of components.
    components: &'static str,
    /// The first minor with it; `None` for the oldest one in the table and before.
    pub(super) added: Option<u64>,
    /// The first minor without it.
    pub(super) removed: Option<u64>,
    /// The only value a gate takes, and since which minor.
    pub(super) locked: Option<(bool, u64)>,
}

impl Row {
    pub(super) fn concerns(&self, component: Component) -> bool {
        self.components.contains(component.letter())
    }

    pub(super) fn holds_in(&self, minor: u64) -> bool {
        self.added.is_none_or(|added| added <= minor) && self.removed.is_none_or(|removed| minor < removed)
    }
}

/// Rows by kind and name. A name has several where components differ.
pub(super) struct Table(BTreeMap<Kind, BTreeMap<&'static str, Vec<Row>>>);

impl Table {
    /// Lines that are not rows are left out; a test makes sure that there are none but comments.
    fn parse(text: &'static str) -> Self {
        let mut kinds: BTreeMap<Kind, BTreeMap<_, Vec<Row>>> = BTreeMap::new();
        for (kind, name, row) in text.lines().filter_map(parse_line) {
            kinds.entry(kind).or_default().entry(name).or_default().push(row);
        }
        Self(kinds)
    }

    pub(super) fn get(&self, kind: Kind, name: &str) -> &[Row] {
        self.0.get(&kind).and_then(|names| names.get(name)).map_or(&[], Vec::as_slice)
    }

    /// Names of which a row is wanted.
    pub(super) fn names(&self, kind: Kind, wanted: impl Fn(&Row) -> bool) -> impl Iterator<Item = &'static str> {
        let names = self.0.get(&kind).into_iter().flatten();
        names.filter(move |(_, rows)| rows.iter().any(&wanted)).map(|(name, _)| *name)
    }
}

/// `gate NAME amskp 33 - true@35`: kind, name, components, added, removed, locked; `-` for never.
fn parse_line(line: &'static str) -> Option<(Kind, &'static str, Row)> {
    let mut words = line.split(' ');
    let kind = words.next()?.parse().ok()?;
    let (name, components) = (words.next()?, words.next()?);
    let added = parse_minor(words.next()?)?;
    let removed = parse_minor(words.next()?)?;
    let locked = match words.next()? {
        "-" => None,
        lock => {
            let (value, since) = lock.split_once('@')?;
            Some((value.parse().ok()?, since.parse().ok()?))
        }
    };
    Some((kind, name, Row { components, added, removed, locked }))
}

/// `None` when the column is neither a number nor `-`.
fn parse_minor(word: &str) -> Option<Option<u64>> {
    if word == "-" { Some(None) } else { word.parse().ok().map(Some) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_comment_or_a_row() {
        for line in include_str!("table.txt").lines() {
            assert!(line.starts_with('#') || parse_line(line).is_some(), "{line}");
        }
    }

    #[test]
    fn components_of_a_name_are_in_one_row_each() {
        for (kind, name, rows) in TABLE.0.iter().flat_map(|(kind, names)| names.iter().map(move |(n, r)| (kind, n, r)))
        {
            for component in Component::ALL {
                let count = rows.iter().filter(|row| row.concerns(component)).count();
                assert!(count <= 1, "{kind:?} {name} has {count} rows for {}", component.name());
            }
        }
    }
}
