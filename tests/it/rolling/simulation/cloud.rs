//! The simulated cloud.

use async_trait::async_trait;
use kopsform_rolling::discover::scaling_group_name;
use kopsform_rolling::ports::{
    ApiError, Capabilities, Clock as _, Cloud, CloudGroup, CloudInstance, CloudSnapshot, LaunchSource, Lifecycle,
    LoadBalancerRef, Member, TargetState,
};
use kopsform_spec::v1alpha2::InstanceGroupRole;

use super::{CLUSTER, DEREGISTRATION, Failure, NEW, Simulation};

#[async_trait]
impl Cloud for Simulation {
    fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    async fn snapshot(&self) -> Result<CloudSnapshot, ApiError> {
        self.call("snapshot", false).await?;
        let state = self.state();
        let mut snapshot = CloudSnapshot::default();
        for (g, group) in state.groups.iter().enumerate().filter(|(_, group)| !group.karpenter) {
            for zone in 0..group.zones {
                let of = |warm: bool| {
                    state
                        .instances
                        .iter()
                        .filter(move |i| i.group == g && i.alive && i.warm == warm && (i.member || warm))
                        .filter(move |i| i.zone == zone)
                        .map(move |i| Member {
                            id: i.id.clone(),
                            launch: Some(template(g, i.version)),
                            lifecycle: if warm { Lifecycle::Warm } else { Lifecycle::Active },
                            state: if warm { "Warmed:Stopped" } else { "InService" }.to_owned(),
                        })
                        .collect()
                };
                snapshot.groups.push(CloudGroup {
                    name: match group.zones {
                        1 => scaling_group_name(&group.instance_group(), CLUSTER),
                        _ => format!("{zone}-{}", group.name),
                    },
                    instance_group: (group.zones > 1).then(|| group.name.clone()),
                    desired: i32::try_from(state.desired[g][zone]).unwrap_or(0),
                    launch: Some(template(g, NEW)),
                    members: of(false),
                    warm: of(true),
                    load_balancers: group.load_balancer().into_iter().collect(),
                    suspended: (state.failures.iter())
                        .filter_map(
                            |t| if let Failure::Suspended(of, process) = t { Some((*of, *process)) } else { None },
                        )
                        .filter(|(of, _)| *of == g)
                        .map(|(_, process)| process.to_owned())
                        .collect(),
                    ..CloudGroup::default()
                });
            }
        }
        snapshot.instances = state
            .instances
            .iter()
            .filter(|i| i.alive)
            .map(|i| CloudInstance {
                id: i.id.clone(),
                group: state.groups[i.group].name.clone(),
                detached_from: i.tagged.then(|| "group".to_owned()),
                ..CloudInstance::default()
            })
            .collect();
        Ok(snapshot)
    }

    async fn mark_detached(&self, instance: &str, _group: &str) -> Result<(), ApiError> {
        assert!(self.capabilities.detach, "an instance is detached from a group that cannot");
        self.call("tag", true).await?;
        let mut state = self.state();
        if let Some(i) = state.find(instance) {
            state.instances[i].tagged = true;
        }
        Ok(())
    }

    async fn detach(&self, instance: &str, _group: &str) -> Result<(), ApiError> {
        self.call("detach", true).await?;
        let now = self.clock.now();
        let mut state = self.state();
        state.note(now, "detach", instance);
        let Some(i) = state.find(instance) else { return Err(ApiError::permanent("detach", "no such instance")) };
        if !state.instances[i].tagged {
            state.broken.push(format!("{instance} is detached without its tag"));
        }
        if state.role(&state.instances[i]) == InstanceGroupRole::ControlPlane {
            state.broken.push(format!("{instance} of the control plane is detached"));
        }
        state.instances[i].member = false;
        state.instances[i].balanced = None;
        state.advance(now);
        Ok(())
    }

    async fn terminate(&self, instance: &str) -> Result<(), ApiError> {
        self.call("terminate", true).await?;
        let now = self.clock.now();
        let mut state = self.state();
        let Some(i) = state.find(instance) else { return Ok(()) };
        if state.failures.iter().any(|t| matches!(t, Failure::GoneBefore)) {
            state.note(now, "lose", instance);
        } else {
            state.check_service(now, "terminate", instance, self.allowed());
            state.note(now, "terminate", instance);
            let (license, found) = (self.license, state.instances[i].clone());
            if self.capabilities.keeps_names && state.has_node(&found, now) && !license.undrained {
                state.broken.push(format!("{instance} is terminated, and its replacement gets its node"));
            }
            let registered = state.has_node(&found, now);
            if registered && !found.warm && !license.undrained {
                if !found.cordoned {
                    state.broken.push(format!("{instance} is terminated and not cordoned"));
                }
                if !state.evictable(i).is_empty() {
                    state.broken.push(format!("{instance} is terminated with pods"));
                }
            }
            // The only instance that serves the API has no other to send traffic to.
            let sole = state.serves_api(&found)
                && state.groups.iter().filter(|g| g.serves_api()).map(|g| g.size).sum::<usize>() < 2;
            if registered && found.in_service(now) && !license.registered && !sole {
                state.broken.push(format!("{instance} is terminated while it gets traffic"));
            }
        }
        let instance = &mut state.instances[i];
        instance.alive = false;
        instance.member = false;
        state.advance(now);
        Ok(())
    }

    async fn load_balancer_state(
        &self,
        load_balancer: &LoadBalancerRef,
        instance: &str,
    ) -> Result<TargetState, ApiError> {
        self.call("load balancer state", false).await?;
        let now = self.clock.now();
        let state = self.state();
        let Some(i) = state.find(instance) else { return Ok(TargetState::Deregistered) };
        let found = &state.instances[i];
        assert_eq!(
            state.groups[found.group].load_balancer().as_ref(),
            Some(load_balancer),
            "an instance is looked up in its own load balancer"
        );
        Ok(match found.balanced {
            Some(None) => TargetState::InService,
            Some(Some(until)) if now < until => TargetState::Draining,
            _ => TargetState::Deregistered,
        })
    }

    async fn deregister(&self, _load_balancer: &LoadBalancerRef, instance: &str) -> Result<(), ApiError> {
        self.call("deregister", true).await?;
        let now = self.clock.now();
        let mut state = self.state();
        let kept = state.failures.iter().any(|t| matches!(t, Failure::DeregistrationHangs));
        if let Some(i) = state.find(instance)
            && !kept
        {
            state.instances[i].balanced = Some(Some(now + DEREGISTRATION));
        }
        Ok(())
    }

    async fn delete_groups(&self, _instance_group: &str, _groups: &[&CloudGroup]) -> Result<(), ApiError> {
        self.call("delete group", true).await
    }
}

fn template(group: usize, version: u32) -> LaunchSource {
    LaunchSource { kind: "launch template", id: format!("lt-{group}"), version: Some(version.to_string()) }
}
