//! How many requests commands cost, and how many are under way at once.

use std::time::Duration;

use super::moto::{moto, request, settings, state_store};
use super::proxy::{Fate, Proxy};
use super::specs::{NAME, in_depth, store, whole};
use crate::support::{kopsform, root, stdout, succeed};

/// The program on a bucket behind a proxy.
fn program(home: &std::path::Path, proxy: &Proxy, bucket: &str) -> std::process::Command {
    let mut command = kopsform(home);
    command.envs(settings(&proxy.address)).env("KOPS_STATE_STORE", format!("s3://{bucket}"));
    command
}

#[test]
fn getting_costs_as_little_as_it_can() {
    in_depth(async || {
        const GROUPS: usize = 99;
        let Some(moto) = moto() else { return };
        let bucket = moto.bucket();
        store(&state_store(&moto.address, &bucket), &whole(GROUPS, 1)).await.unwrap();
        // Long enough for a busy machine to send them all.
        let pause = Duration::from_secs(5);
        let proxy = Proxy::start(&moto.address, move |request, _| match request.path.contains("/instancegroup/") {
            true => Fate::PassAfter(pause),
            false => Fate::Pass,
        });
        let home = tempfile::tempdir().unwrap();

        let output = succeed(program(home.path(), &proxy, &bucket).args(["get", "cluster", NAME]));
        assert!(stdout(&output).contains(NAME));
        assert_eq!(proxy.requests().len(), 1, "{:?}", proxy.requests());

        proxy.forget();
        let output = succeed(program(home.path(), &proxy, &bucket).args(["get", "all", NAME, "-o", "json"]));
        let objects: Vec<serde_json::Value> = serde_json::from_str(&stdout(&output)).unwrap();
        assert_eq!(objects.len(), 1 + 1 + GROUPS);
        let requests = proxy.requests();
        let (lists, gets): (Vec<_>, Vec<_>) = requests.iter().partition(|request| request.path.contains("list-type=2"));
        assert_eq!(lists.len(), 1);
        // The groups, the cluster and the additional objects.
        assert_eq!(gets.len(), 1 + GROUPS + 2);
        assert!(proxy.most_in_flight() > GROUPS, "{} at once", proxy.most_in_flight());

        // There are copies now, of which a changed one does not count.
        let all = ["get", "all", NAME, "-o", "json"];
        proxy.forget();
        assert_eq!(stdout(&succeed(program(home.path(), &proxy, &bucket).args(all))), stdout(&output));
        assert_eq!(proxy.requests().len(), 3, "{:?}", proxy.requests());
        store(&state_store(&moto.address, &bucket), &whole(GROUPS, 2)).await.unwrap();
        let changed = stdout(&succeed(program(home.path(), &proxy, &bucket).args(all)));
        assert_ne!(changed, stdout(&output));
        let without = succeed(program(home.path(), &proxy, &bucket).args(all).env("KOPSFORM_CACHE", "off"));
        assert_eq!(stdout(&without), changed);
    });
}

#[test]
fn an_update_without_changes_writes_nothing() {
    const CLUSTER: &str = "k1.devstg.aws.example.com";
    // Where the example's spec puts everything.
    const BUCKET: &str = "kopsform-example-state";
    let Some(moto) = moto() else { return };
    let answer = request(&moto.address, "PUT", &format!("/{BUCKET}"), "");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let proxy = Proxy::passing(&moto.address);
    let home = tempfile::tempdir().unwrap();
    let example = root().join("tests/project");
    let rendered = home.path().join("cluster.yml");
    let run = |args: &[&str]| {
        let mut command = program(home.path(), &proxy, BUCKET);
        command.env("KOPS_CLUSTER_NAME", CLUSTER).env("KOPSFORM_LOCK", example.join("kopsform.lock"));
        succeed(command.current_dir(&example).args(args))
    };
    let rendered = rendered.to_str().unwrap();
    run(&["toolbox", "template", "--template", "cluster.yml", "--values", "outputs.json", "--out", rendered]);
    run(&["replace", "-f", rendered, "--force", "--offline"]);
    run(&["create", "sshpublickey", "-i", "id_rsa.pub"]);
    let out = home.path().join("out");
    let update = ["update", "cluster", "--target", "terraform", "--offline", "--out", out.to_str().unwrap()];
    run(&update);
    assert!(proxy.requests().iter().any(|request| request.is_write() && request.path.contains("keyset.yaml")));

    for args in [
        &update[..],
        &["replace", "-f", rendered, "--force", "--offline"],
        &["create", "sshpublickey", "-i", "id_rsa.pub"],
    ] {
        proxy.forget();
        run(args);
        let writes: Vec<_> = proxy.requests().into_iter().filter(|request| request.is_write()).collect();
        assert!(writes.is_empty(), "{args:?}: {writes:?}");
    }
}

#[test]
fn an_update_uploads_files_without_terraform_and_makes_discovery_public() {
    const CLUSTER: &str = "k1.devstg.aws.example.com";
    let Some(moto) = moto() else { return };
    let bucket = moto.bucket();
    let proxy = Proxy::passing(&moto.address);
    let home = tempfile::tempdir().unwrap();
    let example = root().join("tests/project");
    let own =
        |file: &std::path::Path| std::fs::read_to_string(file).unwrap().replace("kopsform-example-state", &bucket);
    let lock = home.path().join("kopsform.lock");
    std::fs::write(&lock, own(&example.join("kopsform.lock"))).unwrap();
    let (rendered, out) = (home.path().join("cluster.yml"), home.path().join("out"));
    let run = |args: &[&str]| {
        let mut command = program(home.path(), &proxy, &bucket);
        command.env("KOPS_CLUSTER_NAME", CLUSTER).env("KOPSFORM_LOCK", &lock);
        command.env("KOPS_FEATURE_FLAGS", "-TerraformManagedFiles");
        succeed(command.current_dir(&example).args(args))
    };
    let file = rendered.to_str().unwrap();
    run(&["toolbox", "template", "--template", "cluster.yml", "--values", "outputs.json", "--out", file]);
    std::fs::write(file, own(&rendered)).unwrap();
    run(&["replace", "-f", file, "--force", "--offline"]);
    let discovery = format!("spec.serviceAccountIssuerDiscovery.discoveryStore=s3://{bucket}/discovery");
    run(&["edit", "cluster", "--offline", "--set", &discovery]);
    run(&["create", "sshpublickey", "-i", "id_rsa.pub"]);
    proxy.forget();
    let update = ["update", "cluster", "--target", "terraform", "--offline", "--out", out.to_str().unwrap()];
    run(&update);

    let terraform = std::fs::read_to_string(out.join("kubernetes.tf")).unwrap();
    assert!(!terraform.contains("aws_s3_object"), "{terraform}");
    let requests = proxy.requests();
    let written = |name: &str| {
        let found = requests.iter().find(|request| request.method == "PUT" && request.path.contains(name));
        found.unwrap_or_else(|| panic!("{name} is not written: {requests:?}")).head.clone()
    };
    for name in ["/discovery/.well-known/openid-configuration", "/discovery/openid/v1/jwks"] {
        assert!(written(name).contains("x-amz-acl: public-read"), "{}", written(name));
    }
    for name in ["/cluster-completed.spec", "/igconfig/node/nodes/nodeupconfig.yaml", "/addons/bootstrap-channel.yaml"]
    {
        assert!(!written(name).contains("x-amz-acl"), "{}", written(name));
    }

    proxy.forget();
    run(&update);
    let writes: Vec<_> = proxy.requests().into_iter().filter(|request| request.is_write()).collect();
    assert!(writes.is_empty(), "{writes:?}");
}
