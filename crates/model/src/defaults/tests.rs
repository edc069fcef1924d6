//! What completion makes of a small cluster, release by release and option by option.
#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

use super::{DefaultsContext, DefaultsError, check_architectures, complete, completed_spec_file, populate_group};
use crate::facts::{Facts, ImageFact, InstanceTypeFact};
use kopsform_env::Environment;
use kopsform_env::features::Features;
use kopsform_spec::channel::Channel;
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup};

/// The smallest cluster that can be completed, with a change laid over its spec.
fn cluster(change: Value) -> Cluster {
    let spec = json!({
        "configBase": "s3://state/a.example.com", "cloudProvider": "aws", "dnsZone": "Z1",
        "kubernetesVersion": "v1.36.0", "networking": {"cni": {}}, "nonMasqueradeCIDR": "100.64.0.0/10",
        "subnets": [
            {"name": "a", "zone": "us-east-1a", "type": "Private", "cidr": "172.20.0.0/20"},
            {"name": "u", "zone": "us-east-1a", "type": "Utility", "cidr": "172.20.16.0/24"},
        ],
        "etcdClusters": [{"name": "main", "etcdMembers": [{"name": "a", "instanceGroup": "master"}]}],
    });
    let mut whole = json!({"metadata": {"name": "a.example.com"}, "spec": spec});
    for (name, value) in change.as_object().unwrap() {
        whole["spec"][name] = value.clone();
    }
    serde_json::from_value(whole).unwrap()
}

fn group(name: &str, role: &str, spec: Value) -> InstanceGroup {
    let mut whole =
        json!({"metadata": {"name": name}, "spec": {"role": role, "machineType": "t3.large", "image": "i"}});
    for (field, value) in spec.as_object().unwrap() {
        whole["spec"][field] = value.clone();
    }
    serde_json::from_value(whole).unwrap()
}

fn facts() -> Facts {
    let machine = |gpus| InstanceTypeFact { architectures: vec!["x86_64".to_owned()], gpus, ..Default::default() };
    let arm = ImageFact { architecture: "arm64".to_owned(), ..ImageFact::default() };
    Facts {
        instance_types: [("t3.large".to_owned(), machine(0)), ("g4dn.xlarge".to_owned(), machine(1))].into(),
        images: [("arm".to_owned(), arm)].into(),
        ..Facts::default()
    }
}

fn channel() -> Channel {
    let text = "spec: {images: [{name: channel-image, providerID: aws, architectureID: amd64}]}";
    kopsform_yaml::from_str("channel", text).unwrap()
}

struct Fixture {
    facts: Facts,
    features: Features,
    environment: Environment,
    channel: Channel,
    worker_version: Option<&'static str>,
}

impl Default for Fixture {
    fn default() -> Self {
        let environment = Environment::of([(kopsform_env::KOPS_FEATURE_FLAGS, "-ImageDigest")]);
        Self {
            facts: facts(),
            features: Features::from_environment(&environment),
            environment,
            channel: channel(),
            worker_version: None,
        }
    }
}

impl Fixture {
    fn context(&self) -> DefaultsContext<'_> {
        DefaultsContext {
            facts: &self.facts,
            features: &self.features,
            environment: &self.environment,
            channel: Some(&self.channel),
            worker_version: self.worker_version,
        }
    }

    fn complete(&self, change: Value) -> Cluster {
        let control_plane = group("master", "Master", json!({"subnets": ["a"]}));
        complete(&cluster(change), &[control_plane], &self.context()).unwrap()
    }

    fn populate(&self, change: Value, group: &InstanceGroup) -> Result<InstanceGroup, DefaultsError> {
        populate_group(&self.complete(change), group, &self.context())
    }
}

fn completed(change: Value) -> Value {
    serde_json::to_value(Fixture::default().complete(change).spec).unwrap()
}

#[test]
fn each_release_of_kubernetes_gets_what_it_runs_with() {
    // containerd, etcd, autoscaler, whether kubelet registers as schedulable, whether images can be volumes
    let releases = [
        (31, "1.7.32", "3.5.31", "v1.31.5", true, false),
        (32, "2.2.4", "3.5.31", "v1.32.7", true, false),
        (33, "2.2.4", "3.5.31", "v1.33.5", true, true),
        (34, "2.2.4", "3.6.12", "v1.34.4", false, true),
        (35, "2.2.4", "3.6.12", "v1.35.1", false, true),
        (36, "2.2.4", "3.6.12", "v1.36.0", false, false),
    ];
    for (minor, containerd, etcd, autoscaler, registers, image_gate) in releases {
        let version = format!("1.{minor}.0");
        let spec =
            completed(json!({"kubernetesVersion": format!("v{version}"), "clusterAutoscaler": {"enabled": true}}));
        assert_eq!(spec["kubernetesVersion"], version);
        assert_eq!(spec["containerd"]["version"], containerd, "{version}");
        assert_eq!(spec["containerd"]["runc"]["version"], "1.3.5", "{version}");
        assert_eq!(spec["etcdClusters"][0]["version"], etcd, "{version}");
        let image = format!("registry.k8s.io/autoscaling/cluster-autoscaler:{autoscaler}");
        assert_eq!(spec["clusterAutoscaler"]["image"], image, "{version}");
        assert_eq!(spec["kubelet"].get("registerSchedulable").is_some(), registers, "{version}");
        assert_eq!(spec["masterKubelet"].get("featureGates").is_some(), image_gate, "{version}");
        assert_eq!(spec["kubeAPIServer"].get("cloudProvider").is_some(), minor < 33, "{version}");
        for (component, image) in [("kubeAPIServer", "kube-apiserver"), ("kubeProxy", "kube-proxy")] {
            assert_eq!(spec[component]["image"], format!("registry.k8s.io/{image}:v{version}"));
        }
    }
}

#[test]
fn what_is_written_wins_over_what_is_always_set() {
    let spec = completed(json!({
        "kubeAPIServer": {"logLevel": 5, "enableAdmissionPlugins": ["Own"], "appendAdmissionPlugins": ["More"]},
        "kubelet": {"evictionHard": "memory.available<1Gi", "cgroupDriver": "cgroupfs", "maxPods": 20},
        "masterKubelet": {"maxPods": 5, "dockerDisableSharedPID": true},
        "containerd": {"version": "1.7.1"},
    }));
    assert_eq!(spec["kubeAPIServer"]["logLevel"], 5);
    assert_eq!(spec["kubeAPIServer"]["enableAdmissionPlugins"], json!(["Own"]));
    assert_eq!(spec["kubelet"]["cgroupDriver"], "cgroupfs");
    assert_eq!(spec["masterKubelet"]["evictionHard"], "memory.available<1Gi", "the control plane starts from kubelet");
    assert_eq!((&spec["kubelet"]["maxPods"], &spec["masterKubelet"]["maxPods"]), (&json!(20), &json!(5)));
    assert!(
        spec["masterKubelet"].get("dockerDisableSharedPID").is_none(),
        "kops drops what was Docker's on completion"
    );
    assert_eq!(spec["containerd"]["version"], "1.7.1");
    assert!(spec["containerd"].get("runc").is_none(), "runc is chosen only together with containerd");
}

#[test]
fn completing_twice_is_completing_once() {
    let fixture = Fixture::default();
    let once = fixture.complete(json!({"networking": {"cilium": {"enableEncryption": true}}}));
    let groups = [group("master", "Master", json!({"subnets": ["a"]}))];
    assert_eq!(complete(&once, &groups, &fixture.context()).unwrap(), once);
}

#[test]
fn private_control_planes_get_a_load_balancer_and_public_ones_a_name() {
    let private = completed(json!({}));
    assert_eq!(private["api"], json!({"loadBalancer": {"type": "Public", "class": "Classic"}}));
    let public =
        completed(json!({"subnets": [{"name": "a", "zone": "us-east-1a", "type": "Public", "cidr": "172.20.0.0/20"}]}));
    assert_eq!(public["api"], json!({"dns": {}}));
    assert_eq!(public["masterPublicName"], "api.a.example.com");
}

#[test]
fn ipv6_clusters_leave_ranges_to_kops_controller() {
    let spec = completed(json!({"nonMasqueradeCIDR": "::/0", "networking": {"calico": {}}}));
    assert_eq!(spec["serviceClusterIPRange"], "fd00:5e4f:ce::/108");
    assert!(spec.get("podCIDR").is_none());
    assert_eq!(spec["kubeDNS"]["serverIP"], "fd00:5e4f:ce::a");
    assert_eq!(spec["kubeAPIServer"]["bindAddress"], "::");
    assert_eq!(spec["kubeControllerManager"]["controllers"], json!(["*", "-nodeipam"]));
    assert_eq!(spec["kubeControllerManager"]["allocateNodeCIDRs"], false);
    assert_eq!(spec["cloudConfig"]["nodeIPFamilies"], json!(["ipv6", "ipv4"]));
    assert_eq!(spec["networking"]["calico"]["encapsulationMode"], "none");
}

#[test]
fn pods_get_the_upper_half_of_the_range() {
    for (range, pods) in [("100.64.0.0/10", "100.96.0.0/11"), ("172.20.0.0/16", "172.20.128.0/17")] {
        assert_eq!(completed(json!({"nonMasqueradeCIDR": range}))["podCIDR"], pods);
    }
}

#[test]
fn images_come_from_the_registry_of_the_spec() {
    let spec = completed(json!({"assets": {"containerRegistry": "registry.example.com/k8s"}}));
    assert_eq!(spec["kubeScheduler"]["image"], "registry.example.com/k8s/kube-scheduler:v1.36.0");
    assert_eq!(spec["containerd"]["sandboxImage"], "registry.example.com/k8s/pause:3.10.1");
}

#[test]
fn token_issuers_are_where_their_keys_are_published() {
    let issuer =
        |change: Value| completed(change)["kubeAPIServer"]["serviceAccountIssuer"].as_str().unwrap().to_owned();
    assert_eq!(issuer(json!({})), "https://api.internal.a.example.com");
    let store = json!({"serviceAccountIssuerDiscovery": {"discoveryStore": "s3://keys/a"}});
    assert_eq!(issuer(store), "https://keys.s3.us-east-1.amazonaws.com/a");
    let service = json!({"serviceAccountIssuerDiscovery": {"discoveryService": {"url": "https://keys.example.com/a"}}});
    assert_eq!(issuer(service), "https://keys.example.com/a");
    let own = json!({"kubeAPIServer": {"serviceAccountIssuer": "https://own"}});
    assert_eq!(issuer(own), "https://own");
}

#[test]
fn workers_that_must_wait_keep_the_settings_of_their_version() {
    let fixture = Fixture { worker_version: Some("1.33.2"), ..Fixture::default() };
    let cluster = fixture.complete(json!({"kubernetesVersion": "1.34.0"}));
    assert_eq!(cluster.spec.kubelet.unwrap().register_schedulable, Some(true));
    assert_eq!(cluster.spec.master_kubelet.unwrap().register_schedulable, None);
}

#[test]
fn etcd_clusters_that_cannot_work_are_refused() {
    let refuse = |etcd: Value| {
        let groups = [group("master", "Master", json!({"subnets": ["a"]}))];
        complete(&cluster(json!({ "etcdClusters": etcd })), &groups, &Fixture::default().context())
            .unwrap_err()
            .to_string()
    };
    let member = |name: &str| json!({"name": name, "instanceGroup": "master"});
    let even = refuse(json!([{"name": "main", "etcdMembers": [member("a"), member("b")]}]));
    assert!(even.contains("2 members cannot keep a majority"), "{even}");
    let twins = refuse(json!([{"name": "main", "etcdMembers": [member("a"), member("a"), member("b")]}]));
    assert!(twins.contains("two members are named \"a\""), "{twins}");
    let nowhere = refuse(json!([{"name": "main", "etcdMembers": [{"name": "a"}]}]));
    assert!(nowhere.contains("has no instance group"), "{nowhere}");
    let old = refuse(json!([{"name": "main", "version": "3.4.13", "etcdMembers": [member("a")]}]));
    assert!(old.contains("3.5.0 to 3.5.31, 3.6.0 to 3.6.12"), "{old}");
}

#[test]
fn the_completed_file_is_what_instances_get() {
    let spec = json!({"kubeScheduler": {"qps": "10", "burst": 5}});
    let file = completed_spec_file(&Fixture::default().complete(spec)).unwrap();
    assert_eq!((file.base.as_str(), file.key.as_str()), ("s3://state/a.example.com", "cluster-completed.spec"));
    let read: Cluster = kopsform_yaml::from_str("completed", &file.content).unwrap();
    assert_eq!(read.spec.kube_dns.unwrap().provider, "CoreDNS");
    let scheduler = read.spec.kube_scheduler.unwrap();
    assert_eq!((scheduler.qps, scheduler.burst), (None, 0), "they are in the scheduler's own file");
}

#[test]
fn groups_get_labels_and_taints_of_their_role() {
    let fixture = Fixture::default();
    let kubelet = |group: &InstanceGroup| fixture.populate(json!({}), group).unwrap().spec.kubelet.unwrap();
    let master = kubelet(&group("master", "Master", json!({"subnets": ["a"]})));
    assert_eq!(master.taints, ["node-role.kubernetes.io/control-plane=:NoSchedule"]);
    assert_eq!(master.node_labels.len(), 3);
    let node = kubelet(&group(
        "nodes",
        "Node",
        json!({"nodeLabels": {"own": "x"}, "taints": ["b=:NoSchedule", "a=:NoExecute"]}),
    ));
    assert_eq!(node.taints, ["a=:NoExecute", "b=:NoSchedule"]);
    assert_eq!(node.node_labels["own"], "x");
    assert!(node.node_labels.contains_key("node-role.kubernetes.io/node"));
    let karpenter = kubelet(&group("k", "Node", json!({"manager": "Karpenter"})));
    assert_eq!(karpenter.taints, ["karpenter.sh/unregistered=:NoExecute"]);
}

#[test]
fn sizes_and_subnets_follow_the_role() {
    let fixture = Fixture::default();
    let populate = |name: &str, role: &str, spec: Value| fixture.populate(json!({}), &group(name, role, spec));
    let nodes = populate("nodes", "Node", json!({})).unwrap().spec;
    assert_eq!((nodes.min_size, nodes.max_size, nodes.subnets), (Some(2), Some(2), vec!["a".to_owned()]));
    let bastions = populate("bastions", "Bastion", json!({})).unwrap().spec;
    assert_eq!((bastions.min_size, bastions.max_size), (Some(1), Some(1)));
    let karpenter = populate("k", "Node", json!({"manager": "Karpenter"})).unwrap().spec;
    assert_eq!((karpenter.min_size, karpenter.max_size), (None, None));
    let error = populate("master", "Master", json!({})).unwrap_err().to_string();
    assert_eq!(error, "instance group master: spec.subnets is empty, and the cluster has no suitable subnet");
    let error = populate("api", "APIServer", json!({})).unwrap_err().to_string();
    assert_eq!(error, "instance group api: groups of role APIServer need the feature flag APIServerNodes");
}

#[test]
fn types_and_images_that_are_not_written_fit_each_other() {
    let fixture = Fixture::default();
    let spec = |change: Value| fixture.populate(json!({}), &group("nodes", "Node", change)).map(|group| group.spec);
    assert_eq!(spec(json!({"image": ""})).unwrap().image, "channel-image");
    assert_eq!(spec(json!({"machineType": "", "image": "arm"})).unwrap().machine_type, "t4g.medium");
    assert_eq!(spec(json!({"machineType": ""})).unwrap().machine_type, "t3.medium");
    let error = spec(json!({"image": "", "machineType": "x9.large"})).unwrap_err();
    assert_eq!(error.to_string(), "instance type x9.large is not known");
    let error = spec(json!({"machineType": "t2.micro", "tenancy": "dedicated"})).unwrap_err();
    assert_eq!(error.to_string(), "instance group nodes: t2.micro does not support tenancy dedicated");
}

#[test]
fn every_type_of_a_group_runs_its_image() {
    let facts = facts();
    let check = |change: Value| check_architectures(&group("nodes", "Node", change), &facts).map_err(|e| e.to_string());
    assert_eq!(check(json!({"image": "not looked up", "machineType": "t3.large"})), Ok(()));
    assert_eq!(check(json!({"image": "arm", "machineType": ""})), Ok(()), "kops does not look either");
    let refused = "InstanceGroup/nodes: spec.machineType: t3.large has architecture x86_64, the image arm has arm64";
    assert_eq!(check(json!({"image": "arm", "machineType": "t3.large"})), Err(refused.to_owned()));
    let mixed =
        json!({"image": "arm", "machineType": "m6g.large", "mixedInstancesPolicy": {"instances": ["t3.large"]}});
    assert!(check(mixed).is_err_and(|error| error.contains("spec.mixedInstancesPolicy.instances[0]: t3.large")));
}

#[test]
fn gpus_are_for_those_who_ask() {
    let gpu = json!({"containerd": {"nvidiaGPU": {"enabled": true}}});
    let populate = |machine: &str| {
        let nodes = group("nodes", "Node", json!({ "machineType": machine }));
        Fixture::default().populate(gpu.clone(), &nodes).unwrap().spec
    };
    let with = populate("g4dn.xlarge");
    assert_eq!(with.node_labels["kops.k8s.io/gpu"], "1");
    assert_eq!(with.taints, ["nvidia.com/gpu:NoSchedule"]);
    assert!(populate("t3.large").taints.is_empty());
}

#[test]
fn defaults_are_nothing_that_a_component_refuses() {
    let refused = |cluster: &Cluster, minor| {
        let refusals = kopsform_spec::kubernetes::rules::check_cluster(cluster, minor);
        refusals.into_iter().map(|refusal| refusal.path).collect::<Vec<_>>()
    };
    for minor in kopsform_spec::kubernetes::MINORS {
        let version = format!("1.{minor}.0");
        let completed = Fixture::default().complete(json!({"kubernetesVersion": version}));
        assert_eq!(refused(&completed, minor), [""; 0], "{version}");
        // What the spec says is there after the defaults, and in the merged settings of the control plane.
        let kubelet = json!({"featureGates": {"TTLAfterFinished": "true"}});
        let completed = Fixture::default().complete(json!({"kubernetesVersion": version, "kubelet": kubelet}));
        let gate = |kubelet: &str| format!("spec.{kubelet}.featureGates.TTLAfterFinished");
        assert_eq!(refused(&completed, minor), [gate("kubelet"), gate("masterKubelet")], "{version}");
    }
}
