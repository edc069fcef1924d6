//! Flags about what happens to the state of resources that exist already.

use super::flags::{Choice, choices};
use kopsform_terraform::Moves;

/// What happens to the state of resources that exist already.
#[derive(Debug, Clone, clap::Args)]
pub struct StateArgs {
    /// Leave files in the output directory that mean the same as new ones as they are
    #[arg(long)]
    pub keep_equivalent: bool,
    /// How the state of resources whose addresses changed is kept [default: blocks]
    #[arg(long, value_parser = choices(MOVES))]
    pub moves: Option<Moves>,
    /// Write Terraform that replaces etcd volumes, load balancers or instance groups, or moves no state to new addresses
    #[arg(long)]
    pub allow_replace: bool,
}

impl StateArgs {
    /// The flags that were given.
    pub fn given(&self) -> Vec<&'static str> {
        let flags = [
            ("--keep-equivalent", self.keep_equivalent),
            ("--moves", self.moves.is_some()),
            ("--allow-replace", self.allow_replace),
        ];
        flags.into_iter().filter_map(|(flag, given)| given.then_some(flag)).collect()
    }
}

const MOVES: [Choice<Moves>; 3] = [
    ("blocks", Moves::Blocks, "moved.tf with moved blocks, for Terraform 1.1 and later"),
    ("script", Moves::Script, "moved.sh, a script of `terraform state mv`, for every Terraform"),
    ("none", Moves::None, "Neither; earlier addresses are forgotten"),
];
