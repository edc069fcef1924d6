//! Flags about what happens to the state of resources that exist already.

use clap::ValueEnum;

use kopsform_terraform as terraform;

/// What happens to the state of resources that exist already.
#[derive(Debug, Clone, clap::Args)]
pub struct StateArgs {
    /// Leave files in the output directory that mean the same as new ones as they are
    #[arg(long)]
    pub keep_equivalent: bool,
    /// How the state of resources whose addresses changed is kept [default: blocks]
    #[arg(long, value_enum)]
    pub moves: Option<Moves>,
    /// Write Terraform that replaces etcd volumes, load balancers or instance groups, or moves no state to new addresses
    #[arg(long)]
    pub allow_replace: bool,
}

/// How the state of resources whose addresses changed is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Moves {
    /// moved.tf with `moved` blocks, for Terraform 1.1 and later
    #[default]
    Blocks,
    /// moved.sh, a script of `terraform state mv`, for every Terraform
    Script,
    /// Neither; earlier addresses are forgotten
    None,
}

impl From<Moves> for terraform::Moves {
    fn from(moves: Moves) -> Self {
        match moves {
            Moves::Blocks => Self::Blocks,
            Moves::Script => Self::Script,
            Moves::None => Self::None,
        }
    }
}
