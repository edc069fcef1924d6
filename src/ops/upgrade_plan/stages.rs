//! Which stages of an upgrade are done, and which one is next. Pure.

use serde::Serialize;

use kopsform_spec::v1alpha2::InstanceGroupRole;
use kopsform_spec::versions::parse_tolerant;

/// How many minor releases a kubelet may be older than the API server, by Kubernetes' version skew policy: two before 1.28.
const fn oldest_kubelet(api_server_minor: u64) -> u64 {
    api_server_minor.saturating_sub(if api_server_minor < 28 { 2 } else { 3 })
}

/// A stage of an upgrade, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StageName {
    /// Apply what control-plane instances are started from
    ControlPlane,
    /// Replace the control-plane instances
    RollControlPlane,
    /// Apply everything else, worker launch templates included
    Workers,
    /// Replace the other instances
    RollWorkers,
}

impl StageName {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::ControlPlane, Self::RollControlPlane, Self::Workers, Self::RollWorkers];
}

impl std::fmt::Display for StageName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::ControlPlane => "control-plane",
            Self::RollControlPlane => "roll-control-plane",
            Self::Workers => "workers",
            Self::RollWorkers => "roll-workers",
        })
    }
}

/// How far a stage is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Done,
    /// All stages before it are done.
    Next,
    /// It cannot begin although the stages before it are done.
    Blocked,
    /// A stage before it is not done.
    Waiting,
    /// Neither the cloud nor the Kubernetes API nor a Terraform state shows whether it is done.
    Unknown,
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Done => "done",
            Self::Next => "next",
            Self::Blocked => "blocked",
            Self::Waiting => "waiting",
            Self::Unknown => "unknown",
        })
    }
}

/// What is known of an instance group.
#[derive(Debug, Clone)]
pub struct GroupStatus {
    pub name: String,
    pub role: InstanceGroupRole,
    /// How its launch template differs from the spec: `image ami-1 → ami-2`, `user data`. Empty if it does not; `None` if
    /// unknown, or if the group has none.
    pub launch: Option<Vec<String>>,
    /// Whether it has a launch template at all: Karpenter starts instances without one.
    pub has_launch_template: bool,
    /// How many of its instances are out of date, and how many there are; `None` if unknown.
    pub outdated: Option<(usize, usize)>,
}

impl GroupStatus {
    /// Whether the group is upgraded with the control plane.
    fn serves_api(&self) -> bool {
        matches!(self.role, InstanceGroupRole::ControlPlane | InstanceGroupRole::ApiServer)
    }
}

/// What is known of a cluster.
#[derive(Debug, Clone, Default)]
pub struct UpgradeFacts {
    /// The version of Kubernetes in the spec.
    pub version: String,
    pub groups: Vec<GroupStatus>,
    /// The kubelet versions of nodes that serve the API, and of all others; `None` without the Kubernetes API.
    pub versions: Option<(Vec<String>, Vec<String>)>,
}

/// A stage with what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageStatus {
    pub stage: StageName,
    pub state: State,
    /// Why.
    pub evidence: Vec<String>,
}

/// Whether something is done, with the reasons; `None` if unknown.
type Finding = (Option<bool>, Vec<String>);

/// The stages in their order. A stage counts only when all before it are done.
pub fn stages(facts: &UpgradeFacts) -> Vec<StageStatus> {
    let mut found = Vec::new();
    let mut is_open = true;
    for stage in StageName::ALL {
        if !is_open {
            found.push(StageStatus { stage, state: State::Waiting, evidence: Vec::new() });
            continue;
        }
        let (done, mut evidence) = finding(facts, stage);
        let blocked = if stage == StageName::ControlPlane && done != Some(true) { too_old(facts) } else { None };
        let state = match done {
            _ if blocked.is_some() => State::Blocked,
            Some(true) => State::Done,
            Some(false) => State::Next,
            None => State::Unknown,
        };
        evidence.extend(blocked);
        is_open = state == State::Done;
        found.push(StageStatus { stage, state, evidence });
    }
    found
}

fn finding(facts: &UpgradeFacts, stage: StageName) -> Finding {
    let of_api = matches!(stage, StageName::ControlPlane | StageName::RollControlPlane);
    let groups: Vec<&GroupStatus> = facts.groups.iter().filter(|group| group.serves_api() == of_api).collect();
    let versions = facts.versions.as_ref().map(|(api, others)| if of_api { api } else { others });
    let versions = versions.map(|versions| of_version(versions, &facts.version, of_api));
    match stage {
        StageName::ControlPlane | StageName::Workers => applied(&groups, versions),
        StageName::RollControlPlane | StageName::RollWorkers => rolled(&groups, versions),
    }
}

/// Whether launch templates are as the spec says. Where that is unknown, nodes of the new version show that they were.
fn applied(groups: &[&GroupStatus], versions: Option<Finding>) -> Finding {
    let templates = || groups.iter().filter(|group| group.has_launch_template);
    let differing: Vec<String> = templates()
        .filter_map(|group| Some((group, group.launch.as_ref().filter(|launch| !launch.is_empty())?)))
        .map(|(group, launch)| format!("the launch template of {} has another {}", group.name, launch.join(", ")))
        .collect();
    if !differing.is_empty() {
        return (Some(false), differing);
    }
    let unknown: Vec<&str> = templates().filter(|g| g.launch.is_none()).map(|g| g.name.as_str()).collect();
    if unknown.is_empty() {
        let names: Vec<&str> = templates().map(|group| group.name.as_str()).collect();
        let evidence = match names.is_empty() {
            true => "no group has a launch template".to_owned(),
            false => format!("launch templates are up to date: {}", names.join(", ")),
        };
        return (Some(true), vec![evidence]);
    }
    match versions {
        Some((Some(true), evidence)) => (Some(true), evidence),
        _ => (None, vec![format!("it is not known what the launch templates of {} say", unknown.join(", "))]),
    }
}

/// Whether all instances are up to date and all nodes run the version.
fn rolled(groups: &[&GroupStatus], versions: Option<Finding>) -> Finding {
    let mut evidence = Vec::new();
    let known: Vec<(&str, usize, usize)> =
        groups.iter().filter_map(|group| group.outdated.map(|(old, all)| (group.name.as_str(), old, all))).collect();
    evidence.extend(known.iter().filter(|(_, old, _)| *old > 0).map(|(name, old, all)| {
        format!("{name}: {old} of {all} instances {} out of date", if *old == 1 { "is" } else { "are" })
    }));
    let mut done = (known.len() == groups.len()).then_some(evidence.is_empty());
    if done == Some(true) {
        evidence.push("all instances are up to date".to_owned());
    }
    if let Some((is_new, why)) = versions {
        evidence.extend(why);
        done = match (done, is_new) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (known, is_new) => known.or(is_new),
        };
    }
    if done.is_none() {
        evidence.push("neither the cloud nor the Kubernetes API could be asked".to_owned());
    }
    (done, evidence)
}

/// Whether all kubelets run a version, or a newer one. Nothing is known of no kubelets.
fn of_version(versions: &[String], wanted: &str, of_api: bool) -> Finding {
    let what = if of_api { "control-plane" } else { "worker" };
    let Some(expected) = parse_tolerant(wanted) else { return (None, Vec::new()) };
    let mut parsed: Vec<_> = versions.iter().filter_map(|text| parse_tolerant(text)).collect();
    parsed.sort();
    match parsed.first() {
        None => (None, Vec::new()),
        Some(oldest) if *oldest >= expected => {
            (Some(true), vec![format!("all {} {what} nodes run {wanted}", parsed.len())])
        }
        Some(oldest) => {
            let old = parsed.iter().filter(|version| **version < expected).count();
            let some = format!("{old} of {} {what} nodes run an older version than {wanted}", parsed.len());
            (Some(false), vec![format!("{some}, the oldest {oldest}")])
        }
    }
}

/// Why the control plane cannot be upgraded: a worker's kubelet would be too old for its API server.
fn too_old(facts: &UpgradeFacts) -> Option<String> {
    let target = parse_tolerant(&facts.version)?;
    let (_, workers) = facts.versions.as_ref()?;
    let oldest = workers.iter().filter_map(|text| parse_tolerant(text)).min()?;
    (oldest.minor < oldest_kubelet(target.minor)).then(|| {
        format!(
            "a worker runs {oldest}, and the API server of {target} accepts kubelets of 1.{} and later: upgrade to a release in \
             between first, workers included",
            oldest_kubelet(target.minor)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(
        name: &str,
        role: InstanceGroupRole,
        launch: Option<&[&str]>,
        outdated: Option<(usize, usize)>,
    ) -> GroupStatus {
        let launch = launch.map(|parts| parts.iter().map(|part| (*part).to_owned()).collect());
        GroupStatus { name: name.to_owned(), role, launch, has_launch_template: true, outdated }
    }

    fn versions(api: &[&str], workers: &[&str]) -> Option<(Vec<String>, Vec<String>)> {
        let owned = |found: &[&str]| found.iter().map(|text| (*text).to_owned()).collect();
        Some((owned(api), owned(workers)))
    }

    fn states(facts: &UpgradeFacts) -> Vec<State> {
        stages(facts).into_iter().map(|stage| stage.state).collect()
    }

    const NEW: Option<&[&str]> = Some(&[]);
    const OLD: Option<&[&str]> = Some(&["user data"]);

    /// The control plane and a group of workers: what their templates say, and how many instances are out of date.
    fn facts(api: (Option<&[&str]>, usize), workers: (Option<&[&str]>, usize)) -> UpgradeFacts {
        UpgradeFacts {
            version: "1.35.2".to_owned(),
            groups: vec![
                group("master-a", InstanceGroupRole::ControlPlane, api.0, Some((api.1, 1))),
                group("nodes", InstanceGroupRole::Node, workers.0, Some((workers.1, 3))),
            ],
            versions: None,
        }
    }

    #[test]
    fn stages_follow_one_another() {
        use State::{Done, Next, Waiting};
        let with = |facts: UpgradeFacts, api: &str, worker: &str| UpgradeFacts {
            versions: versions(&[api], &[worker]),
            ..facts
        };
        let (old, new) = ("v1.34.1", "v1.35.2");
        // Before the first apply no instance is out of date, and yet only the first stage may begin.
        assert_eq!(states(&with(facts((OLD, 0), (OLD, 0)), old, old)), [Next, Waiting, Waiting, Waiting]);
        assert_eq!(states(&with(facts((NEW, 1), (OLD, 0)), old, old)), [Done, Next, Waiting, Waiting]);
        assert_eq!(states(&with(facts((NEW, 0), (OLD, 0)), new, old)), [Done, Done, Next, Waiting]);
        assert_eq!(states(&with(facts((NEW, 0), (NEW, 2)), new, old)), [Done, Done, Done, Next]);
        assert_eq!(states(&with(facts((NEW, 0), (NEW, 0)), new, new)), [Done; 4]);
        // An instance is up to date, and its kubelet is not (yet).
        assert_eq!(states(&with(facts((NEW, 0), (OLD, 0)), old, old)), [Done, Next, Waiting, Waiting]);
        // Workers that were applied too early do not put the control plane last.
        assert_eq!(states(&with(facts((OLD, 0), (NEW, 3)), old, old)), [Next, Waiting, Waiting, Waiting]);
    }

    #[test]
    fn either_api_is_enough_and_without_both_nothing_is_assumed() {
        use State::{Done, Next, Unknown, Waiting};
        let cloud = facts((NEW, 0), (NEW, 1));
        assert_eq!(states(&cloud), [Done, Done, Done, Next]);
        let mut blind = facts((None, 0), (None, 0));
        blind.groups.iter_mut().for_each(|group| group.outdated = None);
        assert_eq!(states(&blind), [Unknown, Waiting, Waiting, Waiting]);
        let kubernetes = UpgradeFacts { versions: versions(&["v1.35.2"], &["v1.34.1", "v1.35.2"]), ..blind.clone() };
        assert_eq!(states(&kubernetes), [Done, Done, Unknown, Waiting]);
        let evidence = &stages(&kubernetes)[2].evidence;
        assert_eq!(evidence, &["it is not known what the launch templates of nodes say"]);
        let done = UpgradeFacts { versions: versions(&["v1.35.2"], &["v1.35.2"]), ..blind };
        assert_eq!(states(&done), [Done; 4]);
    }

    #[test]
    fn kubelets_stay_within_the_skew() {
        let mut facts = facts((OLD, 0), (OLD, 0));
        facts.versions = versions(&["v1.34.1"], &["v1.31.9", "v1.34.1"]);
        let first = &stages(&facts)[0];
        assert_eq!(first.state, State::Blocked);
        assert!(first.evidence.iter().any(|why| why.contains("1.31.9") && why.contains("1.32 and later")), "{first:?}");
        facts.versions = versions(&["v1.34.1"], &["v1.32.0"]);
        assert_eq!(stages(&facts)[0].state, State::Next);
        assert_eq!(oldest_kubelet(27), 25);
    }

    #[test]
    fn groups_of_karpenter_have_no_launch_template() {
        let mut facts = facts((NEW, 0), (None, 1));
        facts.groups[1].has_launch_template = false;
        assert_eq!(states(&facts), [State::Done, State::Done, State::Done, State::Next]);
    }
}
