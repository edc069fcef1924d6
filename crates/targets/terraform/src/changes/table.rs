//! How Terraform carries out a change of an argument, from `arguments.txt`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

const TABLE: &str = include_str!("arguments.txt");

/// When a change of an argument replaces the resource.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Replacement {
    /// Never: it is changed in place.
    #[default]
    Never,
    Always,
    /// If there was none before, or is none afterwards.
    IfNone,
    /// Unless items were only added.
    UnlessGrown,
    /// If this other argument was true before.
    IfWas(&'static str),
}

/// What is known about an argument or attribute.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Argument {
    pub replacement: Replacement,
    /// Whether its removal from the configuration changes nothing.
    pub is_kept: bool,
    /// Whether it gets a new value when the resource is changed in place.
    pub follows_update: bool,
}

type Table = BTreeMap<&'static str, BTreeMap<&'static str, Argument>>;

/// What is known about an argument of a type of resource. Arguments that the table does not list are changed in place.
pub fn argument(kind: &str, name: &str) -> Argument {
    table().get(kind).and_then(|arguments| arguments.get(name)).copied().unwrap_or_default()
}

/// Whether the table has a type of resource.
#[cfg(test)]
pub fn knows(kind: &str) -> bool {
    table().contains_key(kind)
}

fn table() -> &'static Table {
    static PARSED: OnceLock<Table> = OnceLock::new();
    PARSED.get_or_init(|| parse(TABLE).unwrap_or_default())
}

/// Reads the table; an error is the line that cannot be read.
fn parse(text: &'static str) -> Result<Table, &'static str> {
    let mut table = Table::new();
    let mut kind = "";
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if !line.starts_with(' ') {
            kind = line;
            table.entry(kind).or_default();
            continue;
        }
        let mut words = line.split_whitespace();
        let name = words.next().ok_or(line)?;
        let mut argument = Argument::default();
        while let Some(word) = words.next() {
            match word {
                "replace" => argument.replacement = Replacement::Always,
                "replace-if-emptied" => argument.replacement = Replacement::IfNone,
                "replace-unless-grown" => argument.replacement = Replacement::UnlessGrown,
                "replace-if-was" => argument.replacement = Replacement::IfWas(words.next().ok_or(line)?),
                "kept" => argument.is_kept = true,
                "follows-update" => argument.follows_update = true,
                _ => return Err(line),
            }
        }
        table.entry(kind).or_default().insert(name, argument);
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::block_type;
    use kopsform_model::Kind;

    #[test]
    fn every_line_can_be_read() {
        assert!(parse(TABLE).is_ok_and(|table| table.len() > 30), "{:?}", parse(TABLE).err());
    }

    #[test]
    fn every_kind_of_resource_is_in_the_table() {
        for &kind in Kind::ALL {
            assert!(knows(block_type(kind)), "{kind:?}");
        }
    }

    #[test]
    fn arguments_differ_in_how_they_change() {
        assert_eq!(argument("aws_ebs_volume", "encrypted").replacement, Replacement::Always);
        assert_eq!(argument("aws_ebs_volume", "size").replacement, Replacement::Never);
        assert_eq!(argument("aws_lb", "subnet_mapping").replacement, Replacement::UnlessGrown);
        assert!(argument("aws_launch_template", "latest_version").follows_update);
        assert_eq!(argument("aws_unknown", "x"), Argument::default());
    }
}
