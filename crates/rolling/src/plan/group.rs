//! The steps of one group.

use serde::Serialize;

use super::{PlanOptions, Step, Target};
use crate::facts::{GroupFacts, InstanceFacts};
use crate::ports::{LAUNCH_PROCESS, LoadBalancerRef, REPLACING_PROCESSES};
use crate::settings::{Settings, SurgeSupport};
use kopsform_spec::meta::Rounding;
use kopsform_spec::v1alpha2::InstanceGroupRole;

/// What is done to one group, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupPlan {
    /// The instance group.
    pub group: String,
    /// What its instances do.
    #[serde(serialize_with = "super::role_name")]
    pub role: InstanceGroupRole,
    /// The name of the cloud's group; the instance group's own with Karpenter.
    pub cloud_name: String,
    /// Its settings as resolved for its size.
    pub settings: Settings,
    /// The load balancers its instances are deregistered from.
    #[serde(skip)]
    pub load_balancers: Vec<LoadBalancerRef>,
    /// What the cloud's group does not do at present, such as `Launch`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub suspended: Vec<String>,
    /// `maxSurge` is set, and the cloud's group cannot surge.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ignored_surge: bool,
    /// The steps.
    pub steps: Vec<Step>,
}

impl GroupPlan {
    /// Plans a group's update; `None` when nothing needs one.
    pub(super) fn new(group: &GroupFacts, options: &PlanOptions) -> Option<Self> {
        let update = instances_to_replace(group, options);
        if update.is_empty() {
            return None;
        }
        let support = group.surge_support();
        let (own, defaults) = (group.rolling_update.as_ref(), options.defaults.as_ref());
        let settings = Settings::resolve(own, defaults, support, group.instances.len());
        let surge = own.and_then(|own| own.max_surge.as_ref()).or(defaults.and_then(|all| all.max_surge.as_ref()));
        let surges = surge.is_some_and(|surge| surge.scaled(group.instances.len(), Rounding::Up) > 0);
        let (warm, update): (Vec<_>, Vec<_>) = update.into_iter().partition(|i| i.warm);
        let mut steps = Vec::new();
        if !options.cloud_only {
            if group.role != InstanceGroupRole::Bastion {
                steps.push(Step::Validate);
            }
            let tainted = warm.iter().chain(&update).filter(|i| wants_taint(i));
            push_unless_empty(&mut steps, targets(group, tainted), |targets| Step::Taint { targets });
        }
        push_unless_empty(&mut steps, targets(group, &warm), |targets| Step::TerminateWarm { targets });
        if !update.is_empty() {
            Replacement::new(group, &settings, update, options).push_steps(&mut steps);
        }
        Some(Self {
            group: group.name.clone(),
            role: group.role,
            cloud_name: group.cloud_name.clone(),
            settings,
            load_balancers: group.load_balancers.clone(),
            suspended: group.suspended.clone(),
            ignored_surge: surges
                && support == SurgeSupport::Unsupported
                && group.role != InstanceGroupRole::ControlPlane,
            steps,
        })
    }

    /// Plans the replacement of a single instance, whether it needs an update or not. With a surge it is detached first,
    /// where its group allows that and it is not detached already.
    pub fn for_one(group: &GroupFacts, instance: &InstanceFacts, surge: bool) -> Self {
        let target = Target::of(group, instance);
        let mut steps = Vec::new();
        if surge && group.can_detach {
            let candidates = if instance.detached { Vec::new() } else { vec![target.clone()] };
            steps.push(Step::Surge { count: candidates.len(), candidates, prove_first: false });
        }
        steps.push(Step::Replace { targets: vec![target], at_once: 1, max_unavailable: 1, first_alone: true });
        Self {
            group: group.name.clone(),
            role: group.role,
            cloud_name: group.cloud_name.clone(),
            settings: Settings { drain_and_terminate: true, max_surge: usize::from(surge), max_unavailable: 1 },
            load_balancers: group.load_balancers.clone(),
            suspended: group.suspended.clone(),
            ignored_surge: false,
            steps,
        }
    }

    /// That the group's surge has no effect, for the user.
    pub fn surge_warning(&self) -> Option<String> {
        self.ignored_surge.then(|| {
            format!(
                "group {}: maxSurge has no effect, since a managed instance group starts the replacement of an instance when \
                 it is gone: up to {} of its instances are unavailable at once (maxUnavailable)",
                self.group,
                self.settings.max_unavailable.max(1)
            )
        })
    }

    /// Whether no replacements are started, because the process for that is suspended.
    pub fn starts_nothing(&self) -> bool {
        self.suspended.iter().any(|process| process == LAUNCH_PROCESS)
    }

    /// What the user should know about suspended processes before instances are replaced.
    pub fn suspension(&self) -> Option<String> {
        let Self { group, cloud_name, .. } = self;
        if self.starts_nothing() {
            return Some(format!(
                "group {group}: the process {LAUNCH_PROCESS} of {cloud_name} is suspended: no instance would replace the \
                 terminated ones"
            ));
        }
        let known = self.suspended.iter().filter(|process| REPLACING_PROCESSES.contains(&process.as_str()));
        let known: Vec<_> = known.map(String::as_str).collect();
        (!known.is_empty()).then(|| {
            format!(
                "group {group}: suspended in {cloud_name}: {}: terminated instances may not be replaced",
                known.join(", ")
            )
        })
    }

    /// How many instances are replaced, warm ones included.
    pub fn instance_count(&self) -> usize {
        self.targets().count()
    }

    /// The instances that are replaced, in order, warm ones first.
    pub fn targets(&self) -> impl Iterator<Item = &Target> {
        self.steps.iter().flat_map(|step| match step {
            Step::TerminateWarm { targets } | Step::Replace { targets, .. } => targets.as_slice(),
            Step::Validate | Step::Taint { .. } | Step::Surge { .. } | Step::Leave => &[],
        })
    }
}

/// The instances that need an update, then with `--force` the others. A forced run that was interrupted is continued
/// by leaving out what was started since.
fn instances_to_replace<'a>(group: &'a GroupFacts, options: &PlanOptions) -> Vec<&'a InstanceFacts> {
    let forced = group.up_to_date().filter(|i| {
        options.force && options.forced_before.as_ref().is_none_or(|before| before.contains(i.id.as_str()))
    });
    group.needing_update().chain(forced).collect()
}

fn wants_taint(instance: &InstanceFacts) -> bool {
    instance.node.as_ref().is_some_and(|n| !n.unschedulable && !n.has_update_taint())
}

fn targets<'a, 'b: 'a>(group: &GroupFacts, instances: impl IntoIterator<Item = &'a &'b InstanceFacts>) -> Vec<Target> {
    instances.into_iter().map(|i| Target::of(group, i)).collect()
}

fn push_unless_empty(steps: &mut Vec<Step>, targets: Vec<Target>, step: impl FnOnce(Vec<Target>) -> Step) {
    if !targets.is_empty() {
        steps.push(step(targets));
    }
}

/// How the attached and detached instances of a group are replaced.
struct Replacement {
    /// Members of the group first, detached instances last: they are the surge until the end.
    targets: Vec<Target>,
    surge: usize,
    at_once: usize,
    max_unavailable: usize,
    /// No serving instance is up to date, so whether new ones work is unknown.
    unproven: bool,
    leave: bool,
}

impl Replacement {
    fn new(group: &GroupFacts, settings: &Settings, update: Vec<&InstanceFacts>, options: &PlanOptions) -> Self {
        let (detached, attached): (Vec<_>, Vec<_>) = update.into_iter().partition(|i| i.detached);
        let targets = targets(group, attached.iter().chain(&detached));
        let mut surge = settings.max_surge.min(targets.len());
        let mut at_once = (surge + settings.max_unavailable).max(1);
        // Without a surge one may be missing whatever is set, or the update could not proceed.
        let mut max_unavailable = settings.max_unavailable.max(usize::from(settings.max_surge == 0));
        if options.cloud_only {
            surge = 0;
            max_unavailable = max_unavailable.max(1);
            at_once = max_unavailable;
        }
        if !group.can_detach {
            // Replacements are started when instances are gone; Karpenter starts them when pods need them.
            surge = 0;
            max_unavailable = at_once;
        }
        if group.role == InstanceGroupRole::ControlPlane {
            // A surge could not join: a new member of etcd takes the identity and the volume of an old one.
            // Settings cannot change it: losing two members at once may lose the quorum.
            surge = 0;
            at_once = 1;
            max_unavailable = 1;
        }
        if options.interactive {
            surge = surge.min(1);
            at_once = 1;
        }
        Self {
            targets,
            surge,
            at_once,
            max_unavailable,
            unproven: group.up_to_date().all(|i| i.warm),
            leave: !settings.drain_and_terminate,
        }
    }

    fn push_steps(mut self, steps: &mut Vec<Step>) {
        let already_out = self.targets.iter().filter(|t| t.detached && !t.idle).count();
        let count = self.surge.saturating_sub(already_out);
        // The last ones first, as they are replaced last; serving ones before idle ones, which add no capacity.
        let members = self.targets.iter().rev().filter(|t| !t.detached);
        let (idle, serving): (Vec<_>, Vec<_>) = members.cloned().partition(|t| t.idle);
        let candidates: Vec<_> = serving.into_iter().chain(idle).collect();
        if count > 0 && !candidates.is_empty() {
            steps.push(Step::Surge { count: count.min(candidates.len()), candidates, prove_first: self.unproven });
            self.unproven = false;
        }
        steps.push(if self.leave {
            Step::Leave
        } else {
            Step::Replace {
                targets: self.targets,
                at_once: self.at_once,
                max_unavailable: self.max_unavailable,
                first_alone: self.unproven,
            }
        });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use super::*;
    use crate::facts::Reason;
    use crate::ports::Node;
    use kopsform_spec::meta::IntOrString;
    use kopsform_spec::v1alpha2::{InstanceManager, RollingUpdate};

    fn group(instances: &[(&str, &str)]) -> GroupFacts {
        let instances = instances.iter().map(|(id, what)| InstanceFacts {
            id: (*id).into(),
            node_key: (*id).into(),
            link: (*id).into(),
            cloud_group: "nodes.c".into(),
            node: (*what != "unregistered").then(|| Arc::new(Node { name: format!("node-{id}"), ..Node::default() })),
            warm: *what == "warm",
            detached: *what == "detached",
            reasons: if *what == "new" { Vec::new() } else { vec![Reason::Detached] },
            machine_type: String::new(),
            roles: Vec::new(),
            internal_ip: String::new(),
            external_ip: String::new(),
            state: String::new(),
        });
        GroupFacts {
            name: "nodes".into(),
            role: InstanceGroupRole::Node,
            manager: InstanceManager::CloudGroup,
            can_detach: true,
            rolling_update: None,
            cloud_name: "nodes.c".into(),
            cloud_groups: Vec::new(),
            suspended: Vec::new(),
            leaving: Vec::new(),
            load_balancers: Vec::new(),
            instances: instances.collect(),
        }
    }

    /// A plan in short: `validate`, `taint a b`, `surge 1 of b a`, `replace a b (1)`.
    fn outline(plan: &GroupPlan) -> Vec<String> {
        let ids = |targets: &[Target]| targets.iter().map(|t| t.instance.as_str()).collect::<Vec<_>>().join(" ");
        let line = |step: &Step| match step {
            Step::Validate => "validate".to_owned(),
            Step::Taint { targets } => format!("taint {}", ids(targets)),
            Step::TerminateWarm { targets } => format!("terminate {}", ids(targets)),
            Step::Surge { count, candidates, prove_first } => {
                format!("surge {count} of {}{}", ids(candidates), if *prove_first { ", first proves" } else { "" })
            }
            Step::Replace { targets, at_once, first_alone, .. } => {
                format!("replace {} ({at_once}){}", ids(targets), if *first_alone { ", first alone" } else { "" })
            }
            Step::Leave => "leave".to_owned(),
        };
        plan.steps.iter().map(line).collect()
    }

    fn planned(group: &GroupFacts, options: &PlanOptions) -> Vec<String> {
        outline(&GroupPlan::new(group, options).unwrap())
    }

    fn set(group: &mut GroupFacts, surge: i32, unavailable: i32) {
        group.rolling_update = Some(RollingUpdate {
            max_surge: Some(IntOrString::Int(surge)),
            max_unavailable: Some(IntOrString::Int(unavailable)),
            ..RollingUpdate::default()
        });
    }

    #[test]
    fn by_default_one_more_then_one_by_one() {
        let plan = planned(&group(&[("a", "old"), ("b", "old"), ("c", "old")]), &PlanOptions::default());
        assert_eq!(plan, ["validate", "taint a b c", "surge 1 of c b a, first proves", "replace a b c (1)"]);
    }

    #[test]
    fn instances_detached_by_an_earlier_run_are_the_surge() {
        let resumed = group(&[("a", "old"), ("x", "detached"), ("b", "old"), ("n", "new")]);
        assert_eq!(planned(&resumed, &PlanOptions::default()), ["validate", "taint a x b", "replace a b x (1)"]);
        let mut two = resumed;
        set(&mut two, 2, 0);
        assert_eq!(planned(&two, &PlanOptions::default())[2..], ["surge 1 of b a", "replace a b x (2)"]);
    }

    #[test]
    fn warm_instances_go_first_and_are_no_surge() {
        let plan = planned(&group(&[("a", "old"), ("w", "warm"), ("n", "new")]), &PlanOptions::default());
        assert_eq!(plan, ["validate", "taint w a", "terminate w", "surge 1 of a", "replace a (1)"]);
        let only_warm = planned(&group(&[("w", "warm"), ("n", "new")]), &PlanOptions::default());
        assert_eq!(only_warm, ["validate", "taint w", "terminate w"]);
    }

    #[test]
    fn the_control_plane_goes_one_by_one_whatever_is_set() {
        let mut plane = group(&[("a", "old"), ("b", "old"), ("n", "new")]);
        plane.role = InstanceGroupRole::ControlPlane;
        set(&mut plane, 2, 3);
        assert_eq!(planned(&plane, &PlanOptions::default())[2..], ["replace a b (1)"]);
    }

    #[test]
    fn without_kubernetes_nothing_is_tainted_or_detached() {
        let options = PlanOptions { cloud_only: true, ..PlanOptions::default() };
        assert_eq!(planned(&group(&[("a", "old"), ("n", "new")]), &options), ["replace a (1)"]);
    }

    #[test]
    fn a_group_that_cannot_detach_keeps_to_what_may_be_unavailable() {
        let mut managed = group(&[("a", "old"), ("b", "old"), ("c", "old"), ("n", "new")]);
        managed.can_detach = false;
        assert_eq!(planned(&managed, &PlanOptions::default())[2..], ["replace a b c (1)"]);
        set(&mut managed, 3, 0);
        assert_eq!(planned(&managed, &PlanOptions::default())[2..], ["replace a b c (1)"]);
        set(&mut managed, 3, 2);
        let plan = GroupPlan::new(&managed, &PlanOptions::default()).unwrap();
        assert_eq!(outline(&plan)[2..], ["replace a b c (2)"]);
        assert!(plan.surge_warning().unwrap().contains("up to 2 of its instances"));
        managed.manager = InstanceManager::Karpenter;
        let plan = GroupPlan::new(&managed, &PlanOptions::default()).unwrap();
        assert_eq!(outline(&plan)[2..], ["replace a b c (5)"], "Karpenter replaces so many more at once");
        assert_eq!(plan.surge_warning(), None);
    }

    #[test]
    fn force_takes_the_outdated_first_and_a_resumed_one_nothing_new() {
        let all = group(&[("a", "new"), ("b", "old"), ("c", "new")]);
        let mut options = PlanOptions { force: true, ..PlanOptions::default() };
        assert_eq!(planned(&all, &options)[3], "replace b a c (1)");
        options.forced_before = Some(BTreeSet::from(["c".to_owned()]));
        assert_eq!(planned(&all, &options)[3], "replace b c (1)");
        let plan = GroupPlan::new(&all, &options).unwrap();
        assert_eq!(plan.targets().last().unwrap().reasons, [Reason::Forced]);
    }

    #[test]
    fn interactive_is_one_at_a_time() {
        let mut many = group(&[("a", "old"), ("b", "old"), ("c", "old"), ("n", "new")]);
        set(&mut many, 3, 2);
        let options = PlanOptions { interactive: true, ..PlanOptions::default() };
        assert_eq!(planned(&many, &options)[2..], ["surge 1 of c b a", "replace a b c (1)"]);
    }

    #[test]
    fn nothing_outdated_means_no_plan() {
        assert_eq!(GroupPlan::new(&group(&[("n", "new")]), &PlanOptions::default()), None);
    }

    #[test]
    fn without_drain_and_terminate_an_update_ends_after_the_surge() {
        let mut left = group(&[("a", "old"), ("n", "new")]);
        left.rolling_update = Some(RollingUpdate { drain_and_terminate: Some(false), ..RollingUpdate::default() });
        assert_eq!(planned(&left, &PlanOptions::default()), ["validate", "taint a", "surge 1 of a", "leave"]);
    }
}
