//! `migrate terraform`: moves of state for configurations that `update cluster` does not write itself, such as a root module that
//! calls a cluster's module.
//!
//! [`read`] finds out what is known from the output directory; the addresses of other layouts follow from the cluster in the state
//! store, and [`Request::finish`] makes the moves.

use std::collections::BTreeMap;
use std::path::PathBuf;

use kopsform_diagnostics::Explain;
use kopsform_terraform::moves::{Addresses, Move, Obstacle, blocks, is_module, script};
use kopsform_terraform::{Layout, Moves, WriteError, previous, single_addresses};

/// Identity → address.
type Resources = BTreeMap<String, String>;

/// What is moved, from where to where.
#[derive(Debug, Clone)]
pub struct MigrateOptions {
    /// The output directory of `update cluster`, or of kops.
    pub dir: PathBuf,
    /// The layout that was applied; that of the directory if absent.
    pub from: Option<Layout>,
    /// The layout that will be applied; that of the directory if absent.
    pub to: Option<Layout>,
    /// The module that has the resources now: `module.old`; empty for the root module.
    pub from_module: String,
    /// The module that will have them.
    pub module: String,
    /// How the moves are written.
    pub format: Moves,
}

/// Why no moves can be made.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    #[error(transparent)]
    Directory(#[from] WriteError),
    #[error("{} has no Terraform of a cluster, so --from and --to must both be given", .0.display())]
    UnknownLayout(PathBuf),
    #[error("nothing to move: resources are in layout {layout} before and after{}", in_module(.module))]
    SamePlace { layout: &'static str, module: String },
    #[error("{0:?} is not the address of a module")]
    NotAModule(String),
    /// The module has moves, and Terraform accepts one source for each address.
    #[error("{} has moves of its own, which would contradict those of the module that calls it", .0.display())]
    HasMoves(PathBuf),
    #[error("{} and cluster {cluster} have no resource in common", dir.display())]
    OtherCluster { dir: PathBuf, cluster: String },
    #[error(
        "{} has resources that the cluster does not have: {}",
        dir.display(), addresses.join(", ")
    )]
    Unidentified { dir: PathBuf, addresses: Vec<String> },
    #[error(
        "Terraform cannot move {}",
        .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    )]
    Obstacles(Vec<Obstacle>),
}

fn in_module(module: &str) -> String {
    if module.is_empty() { String::new() } else { format!(", in {module}") }
}

impl Explain for MigrateError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Directory(error) => error.hints(),
            Self::UnknownLayout(_) => vec!["kops' own output has the layout single".to_owned()],
            Self::SamePlace { .. } => vec!["give the other layout with --from or --to, or a module".to_owned()],
            Self::NotAModule(_) => {
                vec!["write it as Terraform does: module.cluster, module.clusters[\"blue\"]".to_owned()]
            }
            Self::HasMoves(_) => vec![
                "apply them, then remove them with `kopsform update cluster --target terraform --moves none`; `-o script` needs neither"
                    .to_owned(),
            ],
            Self::OtherCluster { .. } => vec!["select the cluster of the directory with --name".to_owned()],
            Self::Unidentified { .. } => {
                vec![
                    "run `kopsform update cluster --target terraform` into the directory in its present layout first, and apply it"
                        .to_owned(),
                ]
            }
            Self::Obstacles(_) => vec!["change the layout and the names of resources in separate steps".to_owned()],
        }
    }
}

/// A layout's name as flags have it.
fn name_of(layout: Layout) -> &'static str {
    match layout {
        Layout::Single => "single",
        Layout::Split => "split",
        Layout::Module => "module",
    }
}

/// Moves of which some addresses may still be missing.
#[derive(Debug)]
pub struct Request<'a> {
    options: &'a MigrateOptions,
    from: Layout,
    to: Layout,
    /// What the directory records.
    recorded: Option<(Layout, Addresses)>,
    /// Layouts whose addresses only the cluster knows, in this order.
    pub needs: Vec<Layout>,
}

/// Reads the output directory.
///
/// # Errors
/// If the directory cannot be read, or it is not clear what is moved.
pub fn read(options: &MigrateOptions) -> Result<Request<'_>, MigrateError> {
    for module in [&options.from_module, &options.module] {
        if !module.is_empty() && !is_module(module) {
            return Err(MigrateError::NotAModule(module.clone()));
        }
    }
    let found = previous(&options.dir, &BTreeMap::new())?;
    let layout = found.as_ref().map(|found| found.layout);
    let unknown = || MigrateError::UnknownLayout(options.dir.clone());
    let from = options.from.or(layout).ok_or_else(unknown)?;
    let to = options.to.or(layout).ok_or_else(unknown)?;
    if from == to && options.from_module == options.module {
        return Err(MigrateError::SamePlace { layout: name_of(from), module: options.module.clone() });
    }
    let has_moves = |addresses: &Addresses| !addresses.earlier.is_empty();
    let is_called = !options.module.is_empty() && options.format == Moves::Blocks;
    if is_called && found.as_ref().is_some_and(|found| found.layout == to && has_moves(&found.addresses)) {
        return Err(MigrateError::HasMoves(options.dir.clone()));
    }
    // Without a record, the cluster says which resources there are.
    let recorded =
        found.map(|found| (found.layout, found.addresses)).filter(|(_, addresses)| !addresses.current.is_empty());
    let is_known =
        |layout: Layout| recorded.as_ref().is_some_and(|(recorded, _)| *recorded == layout || layout == Layout::Single);
    let mut needs: Vec<Layout> = [from, to].into_iter().filter(|layout| !is_known(*layout)).collect();
    needs.dedup();
    Ok(Request { options, from, to, recorded, needs })
}

/// Moves of state.
#[derive(Debug)]
pub struct Migration {
    /// `moved` blocks or a script.
    pub text: String,
    /// Their number.
    pub count: usize,
}

impl Request<'_> {
    /// Makes the moves. `needed` are the addresses of the layouts in `needs`, of the cluster with this name.
    ///
    /// # Errors
    /// If the directory is that of another cluster, or Terraform cannot move a resource.
    pub fn finish(self, needed: Vec<Resources>, cluster: &str) -> Result<Migration, MigrateError> {
        let Self { options, from, to, recorded, needs } = self;
        let cluster_has: Vec<(Layout, Resources)> = needs.into_iter().zip(needed).collect();
        let of_cluster = |layout: Layout| cluster_has.iter().find(|(known, _)| *known == layout).map(|(_, all)| all);
        if let (Some((_, recorded)), Some((_, all))) = (&recorded, cluster_has.first())
            && recorded.current.keys().all(|id| !all.contains_key(id))
        {
            return Err(MigrateError::OtherCluster { dir: options.dir.clone(), cluster: cluster.to_owned() });
        }
        let addresses = |layout: Layout| match (&recorded, of_cluster(layout)) {
            (Some((known, recorded)), _) if *known == layout => recorded.clone(),
            (_, Some(all)) => Addresses { current: all.clone(), ..Addresses::default() },
            (Some((_, recorded)), None) => {
                Addresses { current: single_addresses(recorded.current.keys()), ..Addresses::default() }
            }
            (None, None) => Addresses::default(),
        };
        let mut before = addresses(from);
        let after = addresses(to).in_modules("", &options.module).current;
        // What the directory has, which may differ from the cluster in the state store by now.
        if recorded.is_none() {
            let found = previous(&options.dir, &before.current)?;
            if let Some(found) = found.filter(|found| found.layout == from) {
                if !found.unidentified.is_empty() {
                    let addresses = found.unidentified.into_iter().collect();
                    return Err(MigrateError::Unidentified { dir: options.dir.clone(), addresses });
                }
                before = found.addresses;
            }
        }
        let (record, obstacles) = before.in_modules(&options.from_module, &options.from_module).after(&after);
        if !obstacles.is_empty() {
            return Err(MigrateError::Obstacles(obstacles));
        }
        let written =
            |moves: Vec<Move>, text: fn(&[Move]) -> String| Migration { text: text(&moves), count: moves.len() };
        Ok(match options.format {
            Moves::Script => written(record.direct_moves(), script),
            Moves::Blocks | Moves::None => written(record.moves(), blocks),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::fs;

    fn options(dir: &std::path::Path) -> MigrateOptions {
        MigrateOptions {
            dir: dir.to_owned(),
            from: None,
            to: None,
            from_module: String::new(),
            module: String::new(),
            format: Moves::Blocks,
        }
    }

    fn resources(address: &str) -> Resources {
        [("Vpc/a.example.com".to_owned(), address.to_owned())].into()
    }

    fn module_directory() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let manifest =
            r#"{"version": 3, "layout": "module", "files": {}, "addresses": {"Vpc/a.example.com": "aws_vpc.cluster"}}"#;
        fs::write(dir.path().join(".kopsform-manifest.json"), manifest).unwrap();
        dir
    }

    #[test]
    fn a_directory_that_records_its_addresses_needs_no_state_store() {
        let dir = module_directory();
        let options =
            MigrateOptions { from: Some(Layout::Single), module: "module.cluster".to_owned(), ..options(dir.path()) };
        let request = read(&options).unwrap();
        assert_eq!(request.needs, []);
        let text = request.finish(Vec::new(), "").unwrap().text;
        assert_eq!(text, "moved {\n  from = aws_vpc.a-example-com\n  to   = module.cluster.aws_vpc.cluster\n}\n");
    }

    #[test]
    fn the_cluster_knows_the_addresses_of_other_layouts() {
        let dir = module_directory();
        let to_split = MigrateOptions { to: Some(Layout::Split), ..options(dir.path()) };
        let request = read(&to_split).unwrap();
        assert_eq!(request.needs, [Layout::Split]);
        let text = request.finish(vec![resources("aws_vpc.split")], "a.example.com").unwrap().text;
        assert_eq!(text, "moved {\n  from = aws_vpc.cluster\n  to   = aws_vpc.split\n}\n");
        let other = BTreeMap::from([("Vpc/b.example.com".to_owned(), "aws_vpc.x".to_owned())]);
        let error = read(&to_split).unwrap().finish(vec![other], "b.example.com").unwrap_err();
        assert!(matches!(error, MigrateError::OtherCluster { .. }), "{error}");
    }

    #[test]
    fn the_output_of_kops_has_the_single_layout() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("kubernetes.tf"), "resource \"aws_vpc\" \"a-example-com\" {\n}\n").unwrap();
        let options = MigrateOptions { to: Some(Layout::Module), format: Moves::Script, ..options(dir.path()) };
        let request = read(&options).unwrap();
        assert_eq!(request.needs, [Layout::Single, Layout::Module]);
        let all = vec![resources("aws_vpc.a-example-com"), resources("aws_vpc.cluster")];
        let migration = request.finish(all, "a.example.com").unwrap();
        assert!(migration.text.contains("\nmove 'aws_vpc.a-example-com' 'aws_vpc.cluster'\n"), "{}", migration.text);
        assert_eq!(migration.count, 1);
    }

    #[test]
    fn what_is_unclear_is_refused() {
        let (dir, empty) = (module_directory(), tempfile::tempdir().unwrap());
        let error = |options: MigrateOptions| read(&options).unwrap_err().to_string();
        let to = Some(Layout::Module);
        assert!(error(MigrateOptions { to, ..options(dir.path()) }).starts_with("nothing to move: "));
        assert!(error(MigrateOptions { to, ..options(empty.path()) }).contains("--from and --to must both be given"));
        let moved = tempfile::tempdir().unwrap();
        let manifest = r#"{"version": 3, "layout": "module", "files": {}, "addresses": {"Vpc/a": "aws_vpc.b"}, "earlierAddresses": {"Vpc/a": ["aws_vpc.a"]}}"#;
        fs::write(moved.path().join(".kopsform-manifest.json"), manifest).unwrap();
        let called = MigrateOptions { module: "module.x".to_owned(), ..options(moved.path()) };
        assert!(error(called.clone()).contains("has moves of its own"));
        assert!(read(&MigrateOptions { format: Moves::Script, ..called }).is_ok());
        let module = "cluster".to_owned();
        assert_eq!(
            error(MigrateOptions { module, ..options(dir.path()) }),
            "\"cluster\" is not the address of a module"
        );
    }
}
