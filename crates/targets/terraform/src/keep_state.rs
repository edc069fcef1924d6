//! Before files are written: what happens to the state of the resources that an output directory has already.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::guard::{Replacement, replacements};
use super::moves::{Addresses, MOVED_FILE, Moves, Obstacle, SCRIPT_FILE, moved_file, script};
use super::options::Layout;
use super::previous::{Previous, differs_from_single, previous};
use super::render::Output;
use super::write::WriteError;
use kopsform_diagnostics::Explain;

/// How many resources a message names.
const SHOWN: usize = 6;

/// What a run may do to the state of existing resources.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StateOptions {
    /// How state follows to new addresses.
    pub moves: Moves,
    /// Whether resources may be written that replace others, and addresses that no move leads to.
    pub allow_replace: bool,
    /// Whether Terraform created the cluster: resources exist even if the output directory does not know them.
    pub was_applied: bool,
    /// Whether the run leaves out parts of the cluster, such as other instance groups.
    pub is_partial: bool,
}

/// Why the state of existing resources would be lost.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The output directory cannot be read.
    #[error(transparent)]
    Directory(#[from] WriteError),
    /// The cluster exists, at addresses that nothing records.
    #[error(
        "the cluster was applied before, and {} does not record at which addresses: `terraform apply` might destroy and create \
         all of its resources",
        dir.display()
    )]
    UnknownAddresses {
        /// The output directory.
        dir: PathBuf,
    },
    /// Addresses change, and no moves are written.
    #[error("{count} resources in {} get other addresses, and --moves none writes no moves for them", dir.display())]
    NoMoves {
        /// The output directory.
        dir: PathBuf,
        /// The number of resources.
        count: usize,
    },
    /// Terraform cannot move the state of some resources.
    #[error("Terraform cannot move the state of {} resources: {}", .0.len(), listed(.0))]
    Obstacles(Vec<Obstacle>),
    /// Resources are destroyed and others are created instead.
    #[error("Terraform would replace {}", listed(.0))]
    Replaced(Vec<Replacement>),
}

fn listed<T: ToString>(items: &[T]) -> String {
    let mut text = items.iter().take(SHOWN).map(ToString::to_string).collect::<Vec<_>>().join("; ");
    if items.len() > SHOWN {
        text.push_str(&format!("; and {} more", items.len() - SHOWN));
    }
    text
}

const OVERRIDE: &str = "--allow-replace writes the files all the same; review `terraform plan` before you apply them";

impl Explain for StateError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Directory(error) => error.hints(),
            Self::UnknownAddresses { .. } => vec![
                "write to the directory that was applied, or copy its .kopsform-manifest.json or kubernetes.tf here first"
                    .to_owned(),
                "--moves none if the state has these addresses already, or if you move it with `kopsform migrate terraform`"
                    .to_owned(),
            ],
            Self::NoMoves { .. } => vec![
                "use --moves blocks for Terraform 1.1 and later, or --moves script for every other".to_owned(),
                OVERRIDE.to_owned(),
            ],
            Self::Obstacles(_) => {
                vec!["change one thing at a time: first the layout, then the names".to_owned(), OVERRIDE.to_owned()]
            }
            Self::Replaced(replacements) => {
                let mut hints: Vec<String> =
                    replacements.iter().map(|replacement| replacement.what.hint().to_owned()).collect();
                hints.push(OVERRIDE.to_owned());
                hints
            }
        }
    }
}

/// Lets the state of the resources in a directory follow to the addresses of an output: adds the file of moves to the output, and
/// what the manifest records. Returns what a user should know.
///
/// # Errors
/// When state would be lost, unless the options allow it.
pub fn keep_state(output: &mut Output, dir: &Path, options: StateOptions) -> Result<Vec<String>, StateError> {
    let Some(previous) = previous(dir, &output.addresses)? else {
        let is_unknown = options.was_applied && differs_from_single(&output.addresses);
        if is_unknown && options.moves != Moves::None && !options.allow_replace {
            return Err(StateError::UnknownAddresses { dir: dir.to_owned() });
        }
        return Ok(Vec::new());
    };
    let mut notes = Vec::new();
    // A module of an earlier release, whose names this release does not know.
    if previous.layout == Layout::Module && !previous.unidentified.is_empty() && !options.allow_replace {
        return Err(StateError::UnknownAddresses { dir: dir.to_owned() });
    }
    let replaced = replacements(&previous, &output.addresses, &output.cluster);
    if !replaced.is_empty() {
        let error = StateError::Replaced(replaced);
        if !options.allow_replace {
            return Err(error);
        }
        notes.push(error.to_string());
    }
    let (mut record, obstacles) = previous.addresses.after(&output.addresses);
    let moved = moved(&previous, &output.addresses);
    if options.moves == Moves::None {
        record.earlier.clear();
        if moved > 0 && !options.allow_replace {
            return Err(StateError::NoMoves { dir: dir.to_owned(), count: moved });
        }
    } else if !obstacles.is_empty() {
        let error = StateError::Obstacles(obstacles);
        if !options.allow_replace {
            return Err(error);
        }
        notes.push(error.to_string());
    }
    if let Some((path, content)) = file_of(&record, options.moves) {
        output.files.insert(path.to_owned(), content.into_bytes());
    }
    if moved > 0 {
        notes.extend(note(moved, dir, options.moves));
    }
    if options.is_partial {
        keep_others(&mut record, &previous.addresses);
    }
    output.record = Some(record);
    Ok(notes)
}

/// The number of resources that get another address.
fn moved(previous: &Previous, written: &BTreeMap<String, String>) -> usize {
    let differs = |(id, from): &(&String, &String)| written.get(*id).is_some_and(|to| to != *from);
    previous.addresses.current.iter().filter(differs).count()
}

/// The file of moves; `None` where there are none.
fn file_of(record: &Addresses, moves: Moves) -> Option<(&'static str, String)> {
    match moves {
        _ if record.earlier.is_empty() => None,
        Moves::Blocks => Some((MOVED_FILE, moved_file(&record.moves()))),
        Moves::Script => Some((SCRIPT_FILE, script(&record.direct_moves()))),
        Moves::None => None,
    }
}

fn note(count: usize, dir: &Path, moves: Moves) -> Option<String> {
    match moves {
        Moves::Blocks => Some(format!(
            "{count} resources have new addresses: {MOVED_FILE} lets their state follow and needs Terraform 1.1 or later; for \
             earlier releases, use --moves script"
        )),
        Moves::Script => Some(format!(
            "{count} resources have new addresses: run `sh {SCRIPT_FILE}` in {} before the next `terraform plan`",
            dir.display()
        )),
        Moves::None => None,
    }
}

/// Keeps the record of resources that a run left out.
fn keep_others(record: &mut Addresses, before: &Addresses) {
    let taken: Vec<String> = record.current.values().cloned().collect();
    for (id, address) in &before.current {
        if !record.current.contains_key(id) && !taken.contains(address) {
            record.current.insert(id.clone(), address.clone());
            if let Some(history) = before.earlier.get(id) {
                record.earlier.insert(id.clone(), history.clone());
            }
        }
    }
    record.normalize();
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::write::write;
    use kopsform_files::ForeignFiles;
    use std::fs;

    const VPC: &str = "Vpc/a.example.com";

    fn output(layout: Layout, addresses: &[(&str, &str)]) -> Output {
        let files = [("network.tf".to_owned(), format!("# {layout:?}\n").into_bytes())].into();
        let addresses = addresses.iter().map(|(id, at)| ((*id).to_owned(), (*at).to_owned())).collect();
        Output { files, addresses, layout, cluster: "a.example.com".to_owned(), ..Output::default() }
    }

    /// Writes an output into a directory; returns the notes.
    fn run(mut output: Output, dir: &Path, options: StateOptions) -> Result<Vec<String>, StateError> {
        let notes = keep_state(&mut output, dir, options)?;
        write(&output, dir, ForeignFiles::Keep)?;
        Ok(notes)
    }

    fn single() -> Output {
        output(Layout::Single, &[(VPC, "aws_vpc.a-example-com")])
    }

    fn module() -> Output {
        output(Layout::Module, &[(VPC, "aws_vpc.cluster")])
    }

    #[test]
    fn moves_are_written_while_addresses_have_changed() {
        let (dir, options) = (tempfile::tempdir().unwrap(), StateOptions::default());
        let moved = |name: &str| fs::read_to_string(dir.path().join(name)).ok();
        assert_eq!(run(single(), dir.path(), options).unwrap(), Vec::<String>::new());
        assert_eq!(moved(MOVED_FILE), None);
        assert!(run(module(), dir.path(), options).unwrap()[0].contains("Terraform 1.1"));
        assert!(moved(MOVED_FILE).unwrap().contains("  from = aws_vpc.a-example-com\n  to   = aws_vpc.cluster\n"));
        // Kept for states that were not applied yet, without repeating the note.
        assert_eq!(run(module(), dir.path(), options).unwrap(), Vec::<String>::new());
        assert!(moved(MOVED_FILE).is_some());
        run(single(), dir.path(), options).unwrap();
        assert!(moved(MOVED_FILE).unwrap().contains("  from = aws_vpc.cluster\n  to   = aws_vpc.a-example-com\n"));
        let script = StateOptions { moves: Moves::Script, ..options };
        run(single(), dir.path(), script).unwrap();
        assert!(moved(SCRIPT_FILE).unwrap().contains("move 'aws_vpc.cluster' 'aws_vpc.a-example-com'"));
        assert_eq!(moved(MOVED_FILE), None);
        run(single(), dir.path(), StateOptions { moves: Moves::None, ..options }).unwrap();
        assert_eq!((moved(SCRIPT_FILE), moved(MOVED_FILE)), (None, None));
        run(single(), dir.path(), options).unwrap();
        assert_eq!(moved(MOVED_FILE), None, "earlier addresses are forgotten");
    }

    #[test]
    fn addresses_that_nothing_records_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let applied = StateOptions { was_applied: true, ..StateOptions::default() };
        let error = run(module(), dir.path(), applied).unwrap_err();
        assert!(matches!(error, StateError::UnknownAddresses { .. }) && error.hints()[1].contains("--moves none"));
        // The addresses of the single layout are those of kops.
        run(single(), dir.path(), applied).unwrap();
        for options in [
            StateOptions { moves: Moves::None, ..applied },
            StateOptions { allow_replace: true, ..applied },
            StateOptions { was_applied: false, ..applied },
        ] {
            let dir = tempfile::tempdir().unwrap();
            run(module(), dir.path(), options).unwrap();
        }
    }

    #[test]
    fn without_moves_addresses_stay() {
        let (dir, none) =
            (tempfile::tempdir().unwrap(), StateOptions { moves: Moves::None, ..StateOptions::default() });
        run(single(), dir.path(), none).unwrap();
        assert!(matches!(run(module(), dir.path(), none), Err(StateError::NoMoves { count: 1, .. })));
        run(module(), dir.path(), StateOptions { allow_replace: true, ..none }).unwrap();
    }

    #[test]
    fn a_renamed_group_is_refused_and_everything_else_is_moved() {
        let (dir, options) = (tempfile::tempdir().unwrap(), StateOptions::default());
        let with_group = |output: Output, name: &str| {
            let group = format!("AutoscalingGroup/{name}.a.example.com");
            let address = format!("aws_autoscaling_group.{name}-{:?}", output.layout);
            let mut addresses = output.addresses.clone();
            addresses.insert(group, address);
            Output { addresses, ..output }
        };
        run(with_group(single(), "nodes"), dir.path(), options).unwrap();
        let error = run(with_group(module(), "workers"), dir.path(), options).unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("AutoscalingGroup/nodes.a.example.com by AutoscalingGroup/workers.a.example.com"),
            "{text}"
        );
        assert!(error.hints()[0].contains("add the new instance groups"), "{:?}", error.hints());
        assert_eq!(fs::read_to_string(dir.path().join("network.tf")).unwrap(), "# Single\n");
        let notes = run(with_group(module(), "workers"), dir.path(), StateOptions { allow_replace: true, ..options });
        assert!(notes.unwrap()[0].contains("nodes.a.example.com"));
        let blocks = fs::read_to_string(dir.path().join(MOVED_FILE)).unwrap();
        assert_eq!(blocks.matches("moved {").count(), 1, "{blocks}");
    }

    #[test]
    fn a_partial_run_forgets_nothing() {
        let (dir, options) = (tempfile::tempdir().unwrap(), StateOptions::default());
        run(single(), dir.path(), options).unwrap();
        run(output(Layout::Single, &[]), dir.path(), StateOptions { is_partial: true, ..options }).unwrap();
        run(module(), dir.path(), options).unwrap();
        assert!(dir.path().join(MOVED_FILE).exists());
    }
}
