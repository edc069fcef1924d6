//! The simulated Kubernetes API.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use kopsform_rolling::ports::{
    ApiError, Budget, Clock as _, ConditionStatus, Eviction, Kubernetes, Node, NodeChange, Patched, Pod, Refusal,
    Selector, Taint, UPDATE_TAINT,
};
use kopsform_spec::v1alpha2::InstanceGroupRole;

use super::{Failure, Instance, POD_STOP, SimPod, Simulation, State};

impl State {
    fn pod(&self, pod: &SimPod) -> Pod {
        let node = pod.on.map(|on| self.instances[on].id.clone()).unwrap_or_default();
        let held = self.failures.iter().any(|t| matches!(t, Failure::HeldByFinalizer));
        Pod {
            namespace: "default".to_owned(),
            name: pod.name.clone(),
            uid: pod.uid.to_string(),
            host_ip: node.clone(),
            node,
            labels: BTreeMap::from([("w".to_owned(), pod.workload.to_string())]),
            controller: "ReplicaSet".to_owned(),
            terminating: pod.ends.is_some() || held,
            deletion: held.then(|| "2026-01-01T00:00:00Z".parse().expect("a time")),
            finalizers: if held { vec!["example.com/wait".to_owned()] } else { Vec::new() },
            ..Pod::default()
        }
    }

    /// Whether the instance's node is registered.
    fn is_registered(&self, instance: &Instance, now: Duration) -> bool {
        let late = |t: &Failure| matches!(t, Failure::RegisterAt(group, at) if *group == instance.group && now < *at);
        self.has_node(instance, now) && !self.failures.iter().any(late)
    }

    fn node(&self, instance: &Instance, now: Duration) -> Node {
        let taint = Taint {
            key: UPDATE_TAINT.to_owned(),
            value: None,
            effect: "PreferNoSchedule".to_owned(),
            time_added: None,
        };
        Node {
            name: instance.id.clone(),
            instance: instance.id.clone(),
            version: instance.changes.to_string(),
            unschedulable: instance.cordoned,
            taints: if instance.tainted { vec![taint] } else { Vec::new() },
            needs_update: instance.annotated,
            excluded: instance.excluded,
            control_plane: self.role(instance) == InstanceGroupRole::ControlPlane,
            ready: if instance.ready(now) { ConditionStatus::True } else { ConditionStatus::False },
            network_unavailable: false,
            addresses: vec![instance.id.clone()],
            zone: String::new(),
            hostname: instance.id.clone(),
            kubelet_version: String::new(),
        }
    }
}

#[async_trait]
impl Kubernetes for Simulation {
    async fn nodes(&self) -> Result<Vec<Arc<Node>>, ApiError> {
        self.call("nodes", false).await?;
        let now = self.clock.now();
        let state = self.state();
        let joined = state.instances.iter().filter(|i| state.is_registered(i, now));
        Ok(joined.map(|i| Arc::new(state.node(i, now))).collect())
    }

    async fn node(&self, name: &str) -> Result<Option<Node>, ApiError> {
        self.call("node", false).await?;
        let now = self.clock.now();
        let state = self.state();
        if state.failures.iter().any(|t| matches!(t, Failure::NodesNotFound)) {
            return Ok(None);
        }
        let found = state.find(name).map(|i| &state.instances[i]).filter(|i| state.has_node(i, now));
        Ok(found.map(|i| state.node(i, now)))
    }

    async fn delete_node(&self, name: &str) -> Result<(), ApiError> {
        self.call("delete node", true).await?;
        let now = self.clock.now();
        let mut state = self.state();
        let Some(i) = state.find(name) else { return Ok(()) };
        state.note(now, "delete node", name);
        if !self.capabilities.keeps_names {
            state.broken.push(format!("the node {name} is deleted, and its replacement has another name"));
        }
        let is_drained = state.instances[i].cordoned && state.evictable(i).is_empty();
        if !is_drained && !self.license.undrained {
            state.broken.push(format!("the node {name} is deleted before its drain"));
        }
        state.instances[i].node_deleted = true;
        Ok(())
    }

    async fn patch_node(&self, node: &Node, change: NodeChange) -> Result<Patched, ApiError> {
        self.call("patch", true).await?;
        let now = self.clock.now();
        let mut state = self.state();
        let Some(i) = state.find(&node.name) else { return Ok(Patched::Gone) };
        if state.instances[i].changes.to_string() != node.version {
            return Ok(Patched::Conflict);
        }
        let instance = &mut state.instances[i];
        instance.changes += 1;
        instance.tainted = change.tainted.unwrap_or(instance.tainted);
        instance.excluded = change.excluded.unwrap_or(instance.excluded);
        if let Some(cordoned) = change.cordoned {
            instance.cordoned = cordoned;
            state.note(now, if cordoned { "cordon" } else { "uncordon" }, &node.name);
            if cordoned {
                state.check_service(now, "cordon", &node.name, self.allowed());
            }
        }
        Ok(Patched::Done)
    }

    async fn system_pods(&self) -> Result<Vec<Pod>, ApiError> {
        self.call("system pods", false).await?;
        let now = self.clock.now();
        let state = self.state();
        let planes =
            state.instances.iter().filter(|i| state.role(i) == InstanceGroupRole::ControlPlane && i.ready(now));
        Ok(planes
            .flat_map(|i| {
                ["kube-apiserver", "kube-controller-manager", "kube-scheduler"].map(|app| Pod {
                    namespace: "kube-system".to_owned(),
                    name: format!("{app}-{}", i.id),
                    host_ip: i.id.clone(),
                    labels: BTreeMap::from([("k8s-app".to_owned(), app.to_owned())]),
                    mirror: true,
                    ..Pod::default()
                })
            })
            .collect())
    }

    async fn pods_on(&self, node: &str) -> Result<Vec<Pod>, ApiError> {
        self.call("pods", false).await?;
        let state = self.state();
        let Some(on) = state.find(node) else { return Ok(Vec::new()) };
        let agent = Pod {
            name: "agent".to_owned(),
            uid: "agent".to_owned(),
            controller: "DaemonSet".to_owned(),
            ..Pod::default()
        };
        Ok(state.evictable(on).into_iter().map(|p| state.pod(p)).chain([agent]).collect())
    }

    async fn pods_in(&self, _namespace: &str) -> Result<Vec<Pod>, ApiError> {
        self.call("pods in namespace", false).await?;
        let state = self.state();
        Ok(state.pods.iter().map(|p| state.pod(p)).collect())
    }

    async fn budgets(&self) -> Result<Vec<Budget>, ApiError> {
        self.call("budgets", false).await?;
        let now = self.clock.now();
        let state = self.state();
        let budgets = state.workloads.iter().enumerate().filter_map(|(w, workload)| {
            let desired = workload.min_available?;
            let healthy = state.healthy(w, now);
            Some(Budget {
                namespace: "default".to_owned(),
                name: format!("w{w}"),
                selector: Some(Selector {
                    labels: BTreeMap::from([("w".to_owned(), w.to_string())]),
                    expressions: Vec::new(),
                }),
                allowed: i32::try_from(healthy.saturating_sub(desired)).unwrap_or(0),
                healthy: i32::try_from(healthy).unwrap_or(0),
                desired: i32::try_from(desired).unwrap_or(0),
                expected: i32::try_from(workload.replicas).unwrap_or(0),
            })
        });
        Ok(budgets.collect())
    }

    async fn evict(&self, pod: &Pod) -> Result<Eviction, ApiError> {
        self.call("evict", true).await?;
        let now = self.clock.now();
        let mut state = self.state();
        let Some(p) = state.pods.iter().position(|p| p.uid.to_string() == pod.uid) else {
            return Ok(Eviction::Missing("not found".to_owned()));
        };
        let answer =
            state.failures.iter().find_map(|t| if let Failure::Evictions(answer) = t { Some(answer) } else { None });
        if let Some(answer) = answer {
            return Ok(answer.clone());
        }
        let w = state.pods[p].workload;
        if let Some(desired) = state.workloads[w].min_available
            && state.pods[p].ends.is_none()
            && state.healthy(w, now) <= desired
        {
            let message = format!("The disruption budget w{w} needs {desired} healthy pods");
            let budget = Some(format!("w{w}"));
            return Ok(Eviction::Refused(Refusal { message, budget, several_budgets: false }));
        }
        let stop = if state.workloads[w].never_stops { Duration::MAX } else { now + POD_STOP };
        state.pods[p].ends.get_or_insert(stop);
        Ok(Eviction::Accepted)
    }

    async fn delete_pod(&self, pod: &Pod, grace: Option<u32>) -> Result<(), ApiError> {
        self.call("delete pod", true).await?;
        let now = self.clock.now();
        let mut state = self.state();
        if let Some(p) = state.pods.iter().position(|p| p.uid.to_string() == pod.uid) {
            let w = state.pods[p].workload;
            let stop = if grace == Some(0) {
                now
            } else if state.workloads[w].never_stops {
                Duration::MAX
            } else {
                now + POD_STOP
            };
            state.pods[p].ends = Some(stop);
        }
        Ok(())
    }

    async fn failing_checks(&self) -> Result<Vec<String>, ApiError> {
        self.call("readyz", false).await?;
        let now = self.clock.now();
        let fails = |t: &Failure| matches!(t, Failure::EtcdFailsUntil(until) if now < *until);
        Ok(if self.state().failures.iter().any(fails) { vec!["etcd".to_owned()] } else { Vec::new() })
    }

    async fn api_addresses(&self) -> Result<Vec<IpAddr>, ApiError> {
        Ok(Vec::new())
    }
}
