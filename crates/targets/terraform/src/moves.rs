//! How resources keep their state when their addresses change: `moved` blocks, or a script of `terraform state mv`.
//!
//! A resource goes by its identity, `Kind/name`, which is the same in all layouts. The manifest records the address of each
//! identity and the addresses it had before. From these [`Addresses::moves`] makes one chain per identity, oldest address first:
//! `a → b → c`. A state that skipped a run is at any of these addresses, and Terraform follows the chain to its end.
//!
//! Terraform refuses `moved` blocks in a cycle, two with the same `from` or the same `to`, and one whose `from` is still declared
//! (internal/refactoring/move_validate.go). So the address that a resource returns to moves from within the chain to
//! the end, and an address that another resource has now is dropped.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Deserialize;

/// The file of `moved` blocks.
pub const MOVED_FILE: &str = "moved.tf";
/// The script of `terraform state mv`.
pub const SCRIPT_FILE: &str = "moved.sh";

/// How state follows to new addresses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Moves {
    /// `moved` blocks, which Terraform 1.1 and later follow in every plan.
    #[default]
    Blocks,
    /// A script of `terraform state mv`, which every Terraform has and a user runs once for each state.
    Script,
    /// Nothing, and earlier addresses are forgotten.
    None,
}

/// The addresses of resources, now and before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Addresses {
    /// Identity → address.
    pub current: BTreeMap<String, String>,
    /// Identity → its earlier addresses, oldest first, without the present one.
    pub earlier: BTreeMap<String, Vec<String>>,
}

/// A resource of the state gets another address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Move {
    /// The address until now.
    pub from: String,
    /// The address from now on.
    pub to: String,
}

/// A resource whose state cannot be moved to its new address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// The move that is needed.
    pub needed: Move,
    /// Why Terraform refuses it.
    pub reason: ObstacleReason,
}

/// Why Terraform refuses a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObstacleReason {
    /// Another resource had the new address.
    Occupied,
    /// Another resource has the old address now.
    Reused,
    /// The types differ.
    OtherType,
}

impl std::fmt::Display for Obstacle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Move { from, to } = &self.needed;
        match self.reason {
            ObstacleReason::Occupied => write!(f, "{from} → {to}, which was the address of another resource"),
            ObstacleReason::Reused => write!(f, "{from} → {to}, and another resource has the old address now"),
            ObstacleReason::OtherType => write!(f, "{from} → {to}, which has another type"),
        }
    }
}

impl Addresses {
    /// The record after a run that wrote resources at these addresses, and the resources whose state cannot follow. Identities
    /// that the run did not write are forgotten: Terraform destroys them.
    pub fn after(&self, written: &BTreeMap<String, String>) -> (Self, Vec<Obstacle>) {
        let owners: BTreeMap<&str, &str> =
            written.iter().map(|(id, address)| (address.as_str(), id.as_str())).collect();
        let before: BTreeMap<&str, &str> =
            self.current.iter().map(|(id, address)| (address.as_str(), id.as_str())).collect();
        let mut next = Self { current: written.clone(), earlier: BTreeMap::new() };
        let mut obstacles = Vec::new();
        for (id, to) in written {
            let Some(from) = self.current.get(id) else { continue };
            if let Some(reason) = obstacle(id, from, to, &before, &owners) {
                obstacles.push(Obstacle { needed: Move { from: from.clone(), to: to.clone() }, reason });
                continue;
            }
            let history = self.earlier.get(id).into_iter().flatten().chain([from]);
            next.earlier.insert(id.clone(), history.cloned().collect());
        }
        next.normalize();
        (next, obstacles)
    }

    /// Makes histories such that Terraform accepts their moves: each address is in one place, and the last resource at an address
    /// keeps it.
    pub fn normalize(&mut self) {
        let mut used: BTreeSet<&str> = self.current.values().map(String::as_str).collect();
        let mut earlier = BTreeMap::new();
        for (id, history) in &self.earlier {
            let Some(current) = self.current.get(id) else { continue };
            // From the newest back to the oldest. What comes before an address that belongs to another resource could only be
            // moved through it.
            let mut kept: Vec<String> = Vec::new();
            for address in history.iter().rev() {
                if address == current || kept.contains(address) {
                    continue;
                }
                if type_of(address) != type_of(current) || !used.insert(address) {
                    break;
                }
                kept.push(address.clone());
            }
            if !kept.is_empty() {
                kept.reverse();
                earlier.insert(id.clone(), kept);
            }
        }
        self.earlier = earlier;
        self.drop_whole_resources();
    }

    /// Drops histories with a step between two addresses without a key where another resource has, or had, the same address with
    /// a key: Terraform reads such a step as one of all instances.
    fn drop_whole_resources(&mut self) {
        let all = self.current.iter().chain(self.earlier.iter().flat_map(|(id, all)| all.iter().map(move |a| (id, a))));
        let mut keyed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (id, address) in all.filter(|(_, address)| is_keyed(address)) {
            keyed.entry(base(address).to_owned()).or_default().insert(id.clone());
        }
        let current = &self.current;
        self.earlier.retain(|id, history| {
            let mut steps = history.iter().chain(current.get(id));
            let mut from = steps.next();
            let moves_instances = steps.any(|to| {
                let step = from.replace(to);
                step.is_some_and(|from| {
                    let others = keyed.get(from.as_str()).is_some_and(|ids| ids.iter().any(|other| other != id));
                    !is_keyed(to) && others
                })
            });
            !moves_instances
        });
    }

    /// The steps of all chains, by identity: what `moved` blocks say.
    pub fn moves(&self) -> Vec<Move> {
        let mut moves = Vec::new();
        for (id, history) in &self.earlier {
            let Some(current) = self.current.get(id) else { continue };
            let ends = history.iter().skip(1).chain([current]);
            moves.extend(history.iter().zip(ends).map(|(from, to)| Move { from: from.clone(), to: to.clone() }));
        }
        moves
    }

    /// Every earlier address with the present one, the newest first: what a script moves.
    pub fn direct_moves(&self) -> Vec<Move> {
        let mut moves = Vec::new();
        for (id, history) in &self.earlier {
            let Some(to) = self.current.get(id) else { continue };
            moves.extend(history.iter().rev().map(|from| Move { from: from.clone(), to: to.clone() }));
        }
        moves
    }

    /// Puts all addresses into a module: `module.cluster`.
    #[must_use]
    pub fn in_modules(mut self, earlier: &str, current: &str) -> Self {
        let inside = |module: &str, address: &mut String| {
            if !module.is_empty() {
                address.insert_str(0, &format!("{module}."));
            }
        };
        self.current.values_mut().for_each(|address| inside(current, address));
        self.earlier.values_mut().flatten().for_each(|address| inside(earlier, address));
        self
    }
}

fn obstacle(
    id: &str,
    from: &str,
    to: &str,
    before: &BTreeMap<&str, &str>,
    owners: &BTreeMap<&str, &str>,
) -> Option<ObstacleReason> {
    if from == to {
        return None;
    }
    let other = |owners: &BTreeMap<&str, &str>, address| owners.get(address).is_some_and(|owner| *owner != id);
    // A move of a whole resource takes its instances along.
    let instances = |owners: &BTreeMap<&str, &str>, address: &str| {
        !is_keyed(from) && !is_keyed(to) && owners.keys().any(|other| is_keyed(other) && base(other) == address)
    };
    if type_of(from) != type_of(to) {
        Some(ObstacleReason::OtherType)
    } else if other(before, to) || instances(before, to) {
        Some(ObstacleReason::Occupied)
    } else if other(owners, from) || instances(owners, from) {
        Some(ObstacleReason::Reused)
    } else {
        None
    }
}

/// The parts of an address: the modules with a dot at the end, type and name, and the key of the instance in brackets.
fn parts(address: &str) -> (&str, &str, &str) {
    let (mut modules, mut rest) = (0, address);
    while let Some(named) = rest.strip_prefix("module.") {
        let name = named.find(['.', '[']).unwrap_or(named.len());
        let after = &named[name..];
        let Some(next) = after[key(after).len()..].strip_prefix('.') else { break };
        modules = address.len() - next.len();
        rest = next;
    }
    let name = rest.find('[').unwrap_or(rest.len());
    (&address[..modules], &rest[..name], &rest[name..])
}

/// The key in brackets at the start of a string, brackets included; empty if there is none.
fn key(text: &str) -> &str {
    if !text.starts_with('[') {
        return "";
    }
    let (mut quoted, mut escaped) = (false, false);
    for (index, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ']' if !quoted => return &text[..=index],
            _ => {}
        }
    }
    ""
}

/// Whether an address is that of an instance with a key: `aws_subnet.all["a"]`.
fn is_keyed(address: &str) -> bool {
    !parts(address).2.is_empty()
}

/// An address without the key of the instance.
fn base(address: &str) -> &str {
    &address[..address.len() - parts(address).2.len()]
}

/// Terraform's type of the resource at an address.
pub fn type_of(address: &str) -> &str {
    let (_, name, _) = parts(address);
    name.split_once('.').map_or(name, |(block_type, _)| block_type)
}

/// Whether a string is `type.name`, perhaps with a key: `type.name["key"]`, `type.name[0]`.
pub fn is_address(address: &str) -> bool {
    let (modules, name, key) = parts(address);
    let named = name.split_once('.').is_some_and(|(block_type, name)| is_name(block_type) && is_name(name));
    modules.is_empty() && named && (key.is_empty() || is_key(key))
}

/// Whether a string is the address of a module: `module.cluster`, `module.all["blue"].module.cluster`.
pub fn is_module(address: &str) -> bool {
    let mut rest = address;
    loop {
        let Some(named) = rest.strip_prefix("module.") else { return false };
        let (name, after) = named.split_at(named.find(['.', '[']).unwrap_or(named.len()));
        let bracketed = key(after);
        if !is_name(name) || !(bracketed.is_empty() || is_key(bracketed)) {
            return false;
        }
        rest = match after[bracketed.len()..].strip_prefix('.') {
            Some(next) => next,
            None => return after.len() == bracketed.len(),
        };
    }
}

fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && chars.all(|c| c.is_alphanumeric() || "_-".contains(c))
}

/// Whether a string is a number or a quoted string in brackets.
fn is_key(bracketed: &str) -> bool {
    let inner = bracketed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or_default();
    inner.parse::<u32>().is_ok() || serde_json::from_str::<String>(inner).is_ok()
}

/// `moved` blocks, without anything else.
pub fn blocks(moves: &[Move]) -> String {
    let blocks: Vec<_> =
        moves.iter().map(|step| format!("moved {{\n  from = {}\n  to   = {}\n}}\n", step.from, step.to)).collect();
    blocks.join("\n")
}

/// The file of `moved` blocks in an output directory.
pub fn moved_file(moves: &[Move]) -> String {
    format!(
        "# Earlier addresses of resources, so that their state is kept. `kopsform update cluster --moves none` removes this file\n\
         # once every state has been applied with it.\n\n\
         terraform {{\n  required_version = \">= 1.1\"\n}}\n\n{}",
        blocks(moves)
    )
}

/// A script that moves resources in the state. Running it again changes nothing.
pub fn script(moves: &[Move]) -> String {
    let mut text = "\
#!/bin/sh
# Moves resources in Terraform's state from their earlier addresses to the present ones. Run it in the directory of the root
# module, after `terraform init` and before `terraform plan`. TERRAFORM names another program, such as tofu.
set -eu
terraform=${TERRAFORM:-terraform}
addresses=$(\"$terraform\" state list)

has() {
  printf '%s\\n' \"$addresses\" | grep -Fxq -- \"$1\"
}

move() {
  if has \"$1\" && ! has \"$2\"; then
    \"$terraform\" state mv \"$1\" \"$2\"
  fi
}

"
    .to_owned();
    for step in moves {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "move {} {}", quoted(&step.from), quoted(&step.to));
    }
    text
}

/// A string as a shell takes it as one argument.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
#[path = "moves_tests.rs"]
mod tests;
