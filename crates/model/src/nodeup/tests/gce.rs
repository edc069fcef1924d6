//! Instances on Google Cloud.

use super::*;

/// A cluster on Google Cloud with further settings.
fn on_gce(change: Value) -> Fixture {
    let mut fixture = Fixture::with(json!({
        "cloudProvider": "gce", "project": "p", "configBase": "gs://state/a.example.com", "dnsZone": "1001",
        "subnets": [{"name": "a", "region": "us-test1", "type": "Public", "cidr": "10.0.16.0/20"}],
    }));
    for group in &mut fixture.groups {
        group["spec"]["zones"] = json!(["us-test1-a"]);
        group["spec"]["machineType"] = json!("e2-medium");
    }
    let zone = crate::facts::ManagedZoneFact { dns_name: "example.com".to_owned(), ..Default::default() };
    fixture.facts.gce.managed_zones.insert("p".to_owned(), BTreeMap::from([("1001".to_owned(), zone)]));
    fixture.set(change);
    fixture
}

#[test]
fn instances_get_the_tools_and_settings_of_google_cloud() {
    let fixture = on_gce(json!({"cloudConfig": {"nodeInstancePrefix": "nodes"}}));
    for (number, group) in ["master", "nodes"].into_iter().enumerate() {
        let config = fixture.config(group);
        assert_eq!(config["multizone"], true, "{group}");
        assert_eq!(config["nodeTags"], "a-example-com-k8s-io-role-node");
        assert_eq!(config["nodeInstancePrefix"], "nodes");
        let files = config["Assets"]["arm64"].to_string();
        assert!(files.contains("/auth-provider-gcp/linux/arm64/auth-provider-gcp"), "{files}");
        assert!(!files.contains("ecr-credential-provider"), "{files}");
        assert_eq!(fixture.boot_config(number)["CloudProvider"], "gce");
    }
    assert_eq!(fixture.boot_config(0)["ConfigBase"], "gs://state/a.example.com");
    assert!(Fixture::default().config("nodes").get("multizone").is_none(), "not on AWS");
}

#[test]
fn nothing_of_aws_reaches_instances_and_pods() {
    let mut fixture = on_gce(json!({}));
    let variables = [(env::S3_ENDPOINT, "http://minio"), (env::S3_REGION, "x"), (env::AWS_REGION, "us-east-1")];
    fixture.environment = Environment::of(variables);
    for group in [0, 1] {
        let script = fixture.script(group);
        assert!(!script.contains("AWS_") && !script.contains("S3_"), "{script}");
    }
    fixture.build(|context| {
        for file in crate::control_plane::managed_files(context).unwrap() {
            assert!(!file.content.contains("AWS_") && !file.content.contains("S3_"), "{}", file.content);
        }
    });
}

#[test]
fn etcd_finds_its_disks_by_labels() {
    let fixture = on_gce(json!({}));
    let manifest = fixture.build(|context| {
        let files = crate::control_plane::managed_files(context).unwrap();
        files.into_iter().find(|file| file.name == "manifests-etcdmanager-events-master").unwrap().content
    });
    for flag in [
        "--volume-provider=gce",
        "--volume-name-tag=k8s-io-etcd-events",
        "--volume-tag=k8s-io-etcd-events",
        "--volume-tag=k8s-io-cluster-name=a-example-com",
        "--volume-tag=k8s-io-role-master=master",
    ] {
        assert!(manifest.contains(&format!("- {flag}\n")), "{flag}: {manifest}");
    }
    assert!(!manifest.contains("kubernetes.io/cluster"), "{manifest}");
}

#[test]
fn without_dns_the_second_update_knows_the_addresses_of_the_api() {
    let balanced = json!({
        "api": {"loadBalancer": {"type": "Public"}}, "topology": {"dns": {"type": "None"}}, "dnsZone": "",
    });
    let mut fixture = on_gce(balanced);
    let first = fixture.boot_config(1);
    assert_eq!(first["ConfigServer"]["servers"], json!(["https://kops-controller.internal.a.example.com:3988/"]));
    assert!(fixture.config("master").get("ApiserverAdditionalIPs").is_none());

    for (name, address) in [("api-a-example-com", "203.0.113.7"), ("api-a-a-example-com", "10.0.16.9")] {
        let of_project = fixture.facts.gce.addresses.entry("p".to_owned()).or_default();
        of_project.entry("us-test1".to_owned()).or_default().insert(name.to_owned(), address.to_owned());
    }
    assert_eq!(fixture.config("master")["ApiserverAdditionalIPs"], json!(["10.0.16.9", "203.0.113.7"]));
    let second = fixture.boot_config(1);
    assert_eq!(second["APIServerIPs"], json!(["10.0.16.9"]), "those inside of a subnet");
    assert_eq!(second["ConfigServer"]["servers"], json!(["https://10.0.16.9:3988/"]));
    assert_eq!(second["ConfigServer"]["tlsServerName"], "kops-controller.internal.a.example.com");
}

#[test]
fn gossip_asks_kops_controller_only_through_a_load_balancer() {
    let balanced = json!({"name": "a.k8s.local", "api": {"loadBalancer": {"type": "Internal"}}, "dnsZone": ""});
    let plain = json!({"name": "a.k8s.local", "dnsZone": ""});
    assert!(on_gce(balanced).boot_config(1).get("ConfigServer").is_some());
    let node = on_gce(plain).boot_config(1);
    assert!(node.get("ConfigServer").is_none());
    assert_eq!(node["ConfigBase"], "gs://state/a.example.com");
}
