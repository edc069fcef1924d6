#![allow(clippy::unwrap_used)]
use proptest::prelude::*;
use serde_json::json;

use super::*;
use kopsform_spec::v1alpha2::Subnet;

/// A cluster in its own network, with one subnet.
fn rules(name: &str, subnet: &str) -> Ownership {
    let mut cluster = Cluster::default();
    cluster.metadata.name = name.to_owned();
    cluster.spec.project = "p".to_owned();
    cluster.spec.config_base = format!("gs://state/{name}");
    let region = "us-test1".to_owned();
    cluster.spec.subnets = vec![Subnet { name: subnet.to_owned(), region, ..Subnet::default() }];
    Ownership::of(&cluster)
}

fn none() -> BTreeSet<String> {
    BTreeSet::new()
}

#[test]
fn load_balancers_of_clusters_called_after_a_subnet_are_distinguished() {
    let (demo, other) = (rules("demo.example.com", "a"), rules("a-demo.example.com", "b"));
    // Both would call a resource this: the one in the subnet a, the other in none.
    let name = "api-a-demo-example-com";
    let internal = json!({ "name": name, "subnetwork": "x" });
    let public = json!({ "name": name });
    assert!(demo.is_own_address(&internal, &none()) && !demo.is_own_address(&public, &none()));
    assert!(other.is_own_address(&public, &none()) && !other.is_own_address(&internal, &none()));
    let rule = |labels: Value| json!({ "name": name, "backendService": "x", "subnetwork": "x", "labels": labels });
    assert!(demo.is_own_forwarding_rule(&rule(json!({})), &none()));
    assert!(demo.is_own_forwarding_rule(&rule(json!({ CLUSTER_LABEL: "demo-example-com" })), &none()));
    assert!(!demo.is_own_forwarding_rule(&rule(json!({ CLUSTER_LABEL: "a-demo-example-com" })), &none()));
    assert!(!other.is_own_forwarding_rule(&rule(json!({})), &none()));
}

#[test]
fn targets_decide_whose_a_firewall_rule_is() {
    let demo = rules("demo.example.com", "a");
    let rule = |name: &str, tags: &[&str]| json!({ "name": name, "targetTags": tags });
    let node = "demo-example-com-k8s-io-role-node";
    let master = "demo-example-com-k8s-io-role-master";
    assert!(demo.is_own_firewall_rule(&rule("master-to-node-demo-example-com", &[node])));
    assert!(demo.is_own_firewall_rule(&rule("kops-controller-ipv6-demo-example-com", &[node, master])));
    // That of the cluster ipv6-demo.example.com has the same name.
    let other = "ipv6-demo-example-com-k8s-io-role-control-plane";
    assert!(!demo.is_own_firewall_rule(&rule("kops-controller-ipv6-demo-example-com", &[other])));
    assert!(!demo.is_own_firewall_rule(&rule("master-to-node-demo-example-com", &[node, "shop"])));
    assert!(!demo.is_own_firewall_rule(&rule("master-to-node-demo-example-com", &[])));
    assert!(!demo.is_own_firewall_rule(&rule("shop-demo-example-com", &[node])));
}

#[test]
fn subnets_are_of_the_own_network_or_of_the_spec() {
    let demo = rules("demo.example.com", "a");
    let own = "https://www.googleapis.com/compute/v1/projects/p/global/networks/demo-example-com";
    assert_eq!(demo.own_subnet("a-demo-example-com", own), Some("a"));
    assert_eq!(demo.own_subnet("b-demo-example-com", own), Some("b"), "of a spec before a change");
    let other = "https://www.googleapis.com/compute/v1/projects/p/global/networks/platform";
    assert_eq!(demo.own_subnet("b-demo-example-com", other), None);
    assert_eq!(demo.own_subnet("a-demo-example-com", other), Some("a"));
    assert_eq!(demo.own_subnet("shop", own), None);
}

#[test]
fn the_host_of_a_network_is_another_project() {
    let host = |network: &str| {
        let mut cluster = Cluster::default();
        cluster.spec.project = "p".to_owned();
        cluster.spec.network_id = network.to_owned();
        Ownership::of(&cluster).host
    };
    assert_eq!(host("host/shared"), Some(("host".to_owned(), "shared".to_owned())));
    for own in ["", "platform", "p/platform"] {
        assert_eq!(host(own), None, "{own}");
    }
}

#[test]
fn routes_have_the_name_of_the_cluster_and_a_uuid() {
    let uuid = "51a343e2-c285-4e73-b933-18a6ea44c3e4";
    let demo = rules("demo.example.com", "a");
    assert!(demo.is_own_route_name(&format!("demo-example-com-{uuid}")));
    for other in
        [format!("x-demo-example-com-{uuid}"), format!("demo-example-com-x-{uuid}"), "é".repeat(30), String::new()]
    {
        assert!(!demo.is_own_route_name(&other), "{other}");
    }
    assert!(!demo.is_own_route_name("demo-example-com-51a343e2c2854e73b93318a6ea44c3e4abcd"));
    let long = rules("a-rather-long-cluster-name.example.com", "a");
    assert!(long.is_own_route_name(&format!("a-rather-long-cluster-name-{uuid}")));
}

#[test]
fn a_given_service_account_is_not_the_clusters() {
    let own = "node-demo-example-com@p.iam.gserviceaccount.com";
    assert!(rules("demo.example.com", "a").accounts().contains(&own.to_owned()));
    let given = Ownership { given_account: own.to_owned(), ..rules("demo.example.com", "a") };
    assert!(!given.accounts().contains(&own.to_owned()));
    let accounts = [own.to_owned()];
    assert!(is_member(&format!("serviceAccount:{own}"), &accounts));
    assert!(is_member(&format!("deleted:serviceAccount:{own}?uid=1"), &accounts));
    assert!(!is_member(&format!("user:{own}"), &accounts) && !is_member(&format!("serviceAccount:x{own}"), &accounts));
}

proptest! {
    /// Whatever two clusters are called, what one of them owns the other does not.
    #[test]
    fn no_resource_has_two_owners(
        one in "[a-z]{1,4}(-[a-z]{1,4}){0,2}\\.[a-z]{2,3}",
        prefix in "([a-z]{1,4}-){1,3}",
        subnet in "[a-z]{1,4}",
        long in any::<bool>(),
    ) {
        let tail = if long { ".a-domain-that-makes-every-name-too-long.example" } else { "" };
        let (one, two) = (format!("{one}{tail}"), format!("{prefix}{one}{tail}"));
        let (first, second) = (rules(&one, &subnet), rules(&two, &subnet));
        for (owner, other) in [(&first, &second), (&second, &first)] {
            for part in FIREWALL_RULES {
                let tag = names::role_tag(Role::Node, owner.cluster());
                let rule = json!({ "name": owner.name(part), "targetTags": [tag] });
                prop_assert!(owner.is_own_firewall_rule(&rule) && !other.is_own_firewall_rule(&rule), "{rule}");
            }
            let public = json!({ "name": owner.name(API) });
            prop_assert!(owner.is_own_address(&public, &none()) && !other.is_own_address(&public, &none()), "{public}");
            let internal = json!({ "name": owner.name(&format!("api-{subnet}")), "subnetwork": "s" });
            prop_assert!(owner.is_own_address(&internal, &none()), "{internal}");
            prop_assert!(!other.is_own_address(&internal, &none()), "{internal}");
            let labels = json!({ CLUSTER_LABEL: owner.safe });
            let rule = json!({ "name": public["name"], "labels": labels });
            prop_assert!(owner.is_own_forwarding_rule(&rule, &none()) && !other.is_own_forwarding_rule(&rule, &none()));
            prop_assert!(owner.is_labeled(&rule) && !other.is_labeled(&rule));
            prop_assert_ne!(owner.network(), other.network());
            prop_assert!(owner.accounts().iter().all(|account| !other.accounts().contains(account)));
            for part in BACKENDS {
                prop_assert!(BACKENDS.iter().all(|its| owner.name(part) != other.name(its)));
            }
        }
    }

    /// A name is recognized whatever it is called after, and no name of another form is.
    #[test]
    fn what_a_resource_is_called_after_is_found(part in "[a-z]{1,8}(-[a-z]{1,8}){0,3}", cluster in "[a-z]{1,50}\\.[a-z]{1,20}") {
        let rules = rules(&cluster, "a");
        let name = rules.name(&part);
        prop_assert_eq!(rules.part(&name).map(|part| rules.name(part)), Some(name.clone()));
        let longer = format!("{name}x");
        prop_assert_eq!(rules.part(&longer), None);
    }
}
