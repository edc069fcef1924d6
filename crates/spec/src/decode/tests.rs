#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;
use crate::meta::Quantity;

const CLUSTER: &str = "apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nmetadata:\n  name: a.example.com\n";

/// `line:column severity rule path: message / hint`, of a cluster whose spec this is.
fn findings(spec: &str, strictness: Strictness) -> Vec<String> {
    lines(&decode("f", &format!("{CLUSTER}spec:\n{spec}"), strictness))
}

fn lines(decoding: &Decoding) -> Vec<String> {
    let line = |f: &Finding| {
        let l = f.location.as_ref().unwrap();
        let hint = f.hint.as_deref().unwrap_or("-");
        format!("{}:{} {} {} {}: {} / {hint}", l.line, l.column, f.severity, f.rule, f.path, f.message)
    };
    decoding.report.findings.iter().map(line).collect()
}

#[test]
fn unknown_fields_are_named_with_the_nearest_one() {
    let spec =
        "  sshAcces: []\n  subnets:\n  - name: a\n    cdir: 10.0.0.0/8\n  type: Public\n  controlPlaneKubelet: {}\n";
    let expected = [
        "6:3 error unknown-field spec.sshAcces: unknown field / did you mean sshAccess?",
        "9:5 error unknown-field spec.subnets[0].cdir: unknown field / did you mean cidr?",
        "10:3 error unknown-field spec.type: unknown field / -",
        "11:3 error unknown-field spec.controlPlaneKubelet: unknown field / v1alpha2 calls it masterKubelet",
    ];
    let strict = findings(spec, Strictness::Strict);
    assert_eq!(strict.len(), 4, "{strict:#?}");
    for (found, expected) in strict.iter().zip(expected) {
        let comparable = if expected.ends_with("/ -") { found.split(" / ").next() } else { Some(found.as_str()) };
        assert_eq!(comparable, Some(expected.trim_end_matches(" / -")));
    }
    assert!(findings(spec, Strictness::Lenient).iter().all(|l| l.contains("warning unknown-field")));
    assert!(findings(spec, Strictness::Stored).is_empty());
}

#[test]
fn values_of_a_wrong_type_are_all_found() {
    let spec = "  kubernetesVersion: 1.34\n  encryptionConfig: \"yes\"\n  sshAccess: 10.0.0.0/8\n  etcdClusters:\n  - etcdMembers: {}\n    memoryRequest: lots\n    leaderElectionTimeout: 5\n  additionalSans: [a, 1]\n  topology: []\n  subnets:\n  - type: private\n";
    assert_eq!(
        findings(spec, Strictness::Lenient),
        [
            "6:22 error wrong-type spec.kubernetesVersion: expected a string, found a number / put it in quotes: \"1.34\"",
            "7:21 error wrong-type spec.encryptionConfig: expected true or false, found a string / without quotes: yes",
            "8:14 error wrong-type spec.sshAccess: expected a list, found a string / begin each item with `- `",
            "10:18 error wrong-type spec.etcdClusters[0].etcdMembers: expected a list, found a mapping / begin each item with `- `",
            "11:20 error bad-quantity spec.etcdClusters[0].memoryRequest: \"lots\" is not a quantity such as 100m or 1Gi / -",
            "12:28 error bad-duration spec.etcdClusters[0].leaderElectionTimeout: 5 has no unit / write 5s, 5m or 5h",
            "13:23 error wrong-type spec.additionalSans[1]: expected a string, found an integer / put it in quotes: \"1\"",
            "14:13 error wrong-type spec.topology: expected a mapping, found a list / -",
            "16:11 error unknown-value spec.subnets[0].type: unknown value \"private\" / did you mean Private?",
        ]
    );
}

#[test]
fn nothing_counts_as_absent_and_words_of_yaml_1_1_are_booleans() {
    let text = format!(
        "{CLUSTER}spec:\n  channel:\n  subnets: ~\n  encryptionConfig: on\n  iam: null\n  kubeAPIServer:\n    cpuRequest: 0.5\n"
    );
    let decoding = decode("f", &text, Strictness::Strict);
    assert_eq!(lines(&decoding), Vec::<String>::new());
    let cluster = &decoding.clusters().next().unwrap().object;
    assert_eq!(cluster.spec.encryption_config, Some(true));
    assert_eq!(cluster.spec.channel, "");
    assert_eq!(cluster.spec.iam, None);
    let server = cluster.spec.kube_api_server.as_ref().unwrap();
    assert_eq!(serde_json::to_value(server).unwrap()["cpuRequest"], json!("500m"));
}

#[test]
fn objects_of_all_kinds_come_in_order() {
    let text = format!(
        "{CLUSTER}---\napiVersion: kops/v1alpha2\nkind: InstanceGroup\nmetadata: {{name: nodes}}\nspec: {{role: Node}}\n---\napiVersion: v1\nkind: ConfigMap\ndata: {{a: null}}\n"
    );
    let decoding = decode("f", &text, Strictness::Strict);
    assert_eq!(lines(&decoding), Vec::<String>::new());
    assert!(matches!(
        decoding.objects.as_slice(),
        [Object::Cluster(_), Object::InstanceGroup(_), Object::Additional(_)]
    ));
    let group = decoding.instance_groups().next().unwrap();
    assert_eq!(group.object.api_version, "kops.k8s.io/v1alpha2");
    let place = group.locations.find("spec.role").unwrap();
    assert_eq!((place.line, place.column), (9, 14));
    assert_eq!(group.locations.find("spec.image").unwrap().line, 9);
    assert_eq!(decoding.additional().next().unwrap().object["data"], json!({"a": null}));
}

#[test]
fn documents_that_are_no_objects_are_named() {
    let one = |text: &str| lines(&decode("f", text, Strictness::Lenient)).join("\n");
    assert!(one("").contains("1:1 error empty-file"));
    assert!(one("- a\n").contains("1:1 error no-object"));
    assert!(one("a: 1\n").contains("missing-kind apiVersion"));
    assert!(one("a: 1\n").contains("missing-kind kind"));
    assert!(
        one("apiVersion: kops.k8s.io/v1alpha2\nkind: Clusterr\n")
            .contains("2:7 error unknown-kind kind: unknown kind Clusterr / did you mean Cluster?")
    );
    assert!(one("apiVersion: kops.k8s.io/v1alpha3\nkind: Cluster\n").contains("1:13 error unsupported-version"));
    assert!(one("apiVersion: kop.k8s.io/v1alpha2\nkind: Cluster\n").contains("1:13 error unknown-version"));
    assert!(one("apiVersion: kops.k8s.io/v9\nkind: Cluster\n").contains("unknown-version"));
}

#[test]
fn one_object_is_read_from_the_store_whatever_else_it_holds() {
    let text = format!("{CLUSTER}spec:\n  fromTheFuture: 1\n");
    let (decoded, report) = decode_one::<Cluster>("s3://b/c/config", &text, Strictness::Stored).unwrap();
    assert!(report.is_empty());
    assert_eq!(decoded.object.metadata.name, "a.example.com");
    let wrong = decode_one::<InstanceGroup>("f", &text, Strictness::Stored).unwrap_err();
    assert!(wrong.to_string().contains("expected kind InstanceGroup, found Cluster"));
}

#[test]
fn what_may_be_secret_is_not_shown() {
    let text = "apiVersion: kops.k8s.io/v1alpha2\nkind: SSHCredential\nmetadata: {name: admin}\nspec:\n  publicKey: \"-----BEGIN OPENSSH PRIVATE KEY----- b3BlbnNzaA\"\n";
    let decoding = decode("f", text, Strictness::Strict);
    assert!(lines(&decoding)[0].starts_with("5:14 error bad-key spec.publicKey"), "{:?}", lines(&decoding));
    assert!(!decoding.report.to_string().contains("b3Blb"), "{}", decoding.report);
}

#[test]
fn a_number_is_the_quantity_of_its_value_however_it_is_written() {
    let text = "kind: Cluster\napiVersion: kops.k8s.io/v1alpha2\nmetadata: {name: a}\n\
                spec: {kubeProxy: {memoryLimit: 1e3, cpuLimit: 0.25, cpuRequest: 2e0m}}\n";
    let decoding = decode("x", text, Strictness::Strict);
    let proxy = decoding.clusters().next().unwrap().object.spec.kube_proxy.clone().unwrap();
    let amount = |quantity: Option<Quantity>| quantity.map(|quantity| quantity.0);
    assert_eq!(amount(proxy.memory_limit), Some("1k".to_owned()));
    assert_eq!(amount(proxy.cpu_limit), Some("250m".to_owned()));
    assert_eq!(amount(proxy.cpu_request), None, "no number, and no quantity either");
}

/// The hint of the first unknown field in a document of a kind with this spec.
fn hint(kind: &str, spec: &str) -> String {
    let text = format!("apiVersion: kops.k8s.io/v1alpha2\nkind: {kind}\nmetadata: {{name: a}}\nspec: {spec}\n");
    let report = decode("f", &text, Strictness::Strict).report;
    let finding = report.findings.iter().find(|finding| finding.rule == Rule::UnknownField);
    finding.and_then(|finding| finding.hint.clone()).unwrap_or_default()
}

#[test]
fn fields_are_known_by_the_names_that_others_give_them() {
    for (name, field) in [
        ("volumeSize", "rootVolumeSize"),
        ("instanceType", "machineType"),
        ("ami", "image"),
        ("amiId", "image"),
        ("tags", "cloudLabels"),
        ("spotPrice", "maxPrice"),
        ("securityGroupIds", "additionalSecurityGroups"),
        ("availabilityZones", "zones"),
        ("desiredCapacity", "minSize"),
        ("userData", "additionalUserData"),
        ("labels", "nodeLabels"),
    ] {
        assert_eq!(hint("InstanceGroup", &format!("{{{name}: x}}")), format!("did you mean {field}?"), "{name}");
    }
    for (name, field) in
        [("vpcID", "networkID"), ("vpcCidr", "networkCIDR"), ("tags", "cloudLabels"), ("cni", "networking")]
    {
        assert_eq!(hint("Cluster", &format!("{{{name}: x}}")), format!("did you mean {field}?"), "{name}");
    }
    // Of the other kind, and of an item of a list.
    assert_eq!(hint("Cluster", "{ami: x}"), "image is a field of InstanceGroup: spec.image");
    assert_eq!(hint("InstanceGroup", "{vpcID: x}"), "networkID is a field of Cluster: spec.networkID");
    assert_eq!(hint("InstanceGroup", "{volumes: [{volumeSize: 1}]}"), "did you mean size?");
    assert_eq!(
        hint("Cluster", "{etcdClusters: [{volumeSize: 1}]}"),
        "volumeSize belongs at spec.etcdClusters[].etcdMembers[].volumeSize"
    );
    assert_eq!(hint("Cluster", "{etcdClusters: [{members: []}]}"), "did you mean etcdMembers?");
}

#[test]
fn the_kind_at_hand_and_the_nearest_parent_come_first() {
    for (kind, spec, expected) in [
        ("Cluster", "{networking: {nonMasqueradeCIDR: x}}", "nonMasqueradeCIDR belongs at spec.nonMasqueradeCIDR"),
        ("Cluster", "{networking: {subnets: []}}", "subnets belongs at spec.subnets"),
        ("Cluster", "{maxPods: 1}", "maxPods belongs at spec.kubelet.maxPods"),
        ("Cluster", "{minSize: 1}", "minSize is a field of InstanceGroup: spec.minSize"),
        ("InstanceGroup", "{kubernetesVersion: x}", "kubernetesVersion is a field of Cluster: spec.kubernetesVersion"),
        ("InstanceGroup", "{maxPods: 1}", "maxPods belongs at spec.kubelet.maxPods"),
        ("Cluster", "{aws: cloudProvider}", "the field comes first: write `cloudProvider: aws`"),
        ("Cluster", "{enabled: true}", ""),
    ] {
        assert_eq!(hint(kind, spec), expected, "{kind} {spec}");
    }
}

#[test]
fn a_template_is_one_finding_whatever_else_is_wrong() {
    let finding = |text: &str| lines(&decode("f", text, Strictness::Strict));
    let expected = |place: &str| {
        [format!(
            "{place} error unrendered-template : this is a template, not a spec / render it first: `kopsform toolbox template --template FILE --values FILE`"
        )]
    };
    assert_eq!(finding(&CLUSTER.replace("a.example.com", "{{.clusterName}}")), expected("4:10"));
    assert_eq!(finding(&CLUSTER.replace("a.example.com", "\"{{ .clusterName }}\"")), expected("4:9"));
    assert_eq!(finding(&format!("{{{{- if .x }}}}\n{CLUSTER}{{{{- end }}}}\n")), expected("1:3"));
    assert_eq!(
        finding(&format!("{CLUSTER}spec:\n  subnets:\n{{{{ range .z }}}}\n  - name: a\n{{{{ end }}}}\n")).len(),
        1
    );
    let version = "\"{{ .version }}\"";
    assert_eq!(finding(&format!("{CLUSTER}spec: {{kubernetesVersion: {version}}}\n")), expected("5:27"));
    assert_eq!(finding(&format!("{CLUSTER}spec: {{subnets: [{{id: {version}}}]}}\n")), expected("5:23"));
    // Actions that systemd, containerd or scripts read are part of a spec.
    let script = format!(
        "{CLUSTER}spec:\n  hooks:\n  - name: a.service\n    manifest: |\n      ExecStart=/bin/echo {{{{ .x }}}}\n"
    );
    assert!(finding(&script).is_empty());
}
