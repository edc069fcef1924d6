//! What an update reports at the end: what it did, and which commands come next.

use std::path::{Path, PathBuf};

use super::Invocation;
use crate::ops::direct::Applied;
use crate::ops::update_cluster::Updated;
use kopsform_env as env;
use kopsform_kubeconfig as kubeconfig;
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup, InstanceGroupRole};

impl Invocation {
    /// A path with `~/` replaced by the home directory.
    pub(super) fn expanded(&self, path: &str) -> PathBuf {
        match (path.strip_prefix("~/"), self.environment.get(env::HOME)) {
            (Some(rest), Some(home)) => Path::new(home).join(rest),
            _ => PathBuf::from(path),
        }
    }

    /// Whether kubectl has a context for a cluster. It has none for a cluster that was never applied.
    pub(super) fn knows(&self, cluster: &Cluster) -> bool {
        kubeconfig::has_context(&self.environment, &cluster.metadata.name)
    }

    /// Reports what an update did, and what comes next.
    pub(super) fn report_update(&self, updated: &Updated, out: &Path, known: bool) {
        for keyset in &updated.created_keysets {
            self.ui.note(&format!("created keyset {keyset}"));
        }
        self.ui.text(&next_steps(&updated.cluster, &updated.groups, out, known));
    }
}

impl Invocation {
    /// Reports what an update changed, and what comes next. `known` says whether the cluster was applied before.
    pub(super) fn report_applied(&self, applied: &Applied, known: bool) {
        let name = &applied.cluster.metadata.name;
        let count = applied.report.done.len() + applied.report.removed.len();
        if count == 0 {
            self.ui.text("No changes need to be applied\n");
            return;
        }
        let s = if count == 1 { "" } else { "s" };
        let mut text = format!("Applied {count} change{s} to {name}\n");
        match known {
            true => text.push_str("\nChanges may require instances to restart: kopsform rolling-update cluster\n"),
            false => {
                text.push_str("\nThe instances are starting, which takes a few minutes.\n\n");
                text.push_str(&suggestions(&applied.cluster, &applied.groups));
            }
        }
        self.ui.text(&text);
    }
}

/// Where the output is and which commands come next. `known` says whether the cluster was applied before.
fn next_steps(cluster: &Cluster, groups: &[InstanceGroup], out: &Path, known: bool) -> String {
    let out = out.display();
    let mut text = format!("\nTerraform output has been placed into {out}\n");
    if known {
        text.push_str("\nChanges may require instances to restart: kopsform rolling-update cluster\n\n");
        return text;
    }
    text.push_str(&format!(
        "Run these commands to apply the configuration:\n   cd {out}\n   terraform init\n   terraform plan\n   \
         terraform apply\n\n"
    ));
    text.push_str(&suggestions(cluster, groups));
    text.push('\n');
    text
}

/// Commands for a cluster that was applied for the first time.
fn suggestions(cluster: &Cluster, groups: &[InstanceGroup]) -> String {
    let name = &cluster.metadata.name;
    let mut text = format!(
        "Suggestions:\n \
         * let kubectl reach it: kopsform export kubeconfig {name} --admin\n \
         * validate cluster: kopsform validate cluster {name} --wait 10m\n \
         * list nodes: kubectl get nodes --show-labels\n"
    );
    let user_of = |role| {
        let image = groups.iter().find(|g| g.role() == role).map_or("", |g| g.spec.image.as_str());
        login_user(image)
    };
    if groups.iter().any(|g| g.role() == InstanceGroupRole::Bastion) {
        let bastion = cluster.spec.topology.as_ref().and_then(|t| t.bastion.as_ref());
        match bastion.map(|b| b.bastion_public_name.as_str()).filter(|host| !host.is_empty()) {
            Some(host) => {
                let user = user_of(InstanceGroupRole::Bastion);
                text.push_str(&format!(" * ssh to the bastion: ssh -A {user}@{host}\n"));
            }
            None => text.push_str(" * give the bastion a name with spec.topology.bastion.bastionPublicName\n"),
        }
    } else if !cluster.spec.master_public_name.is_empty() {
        let user = user_of(InstanceGroupRole::ControlPlane);
        text.push_str(&format!(" * ssh to a control-plane node: ssh {user}@{}\n", cluster.spec.master_public_name));
    }
    text
}

/// The SSH user of an image's distribution.
fn login_user(image: &str) -> &'static str {
    // Parts of the names of images or of their owners.
    const USERS: [(&str, &str); 9] = [
        ("debian", "admin"),
        ("flatcar", "core"),
        ("rocky", "rocky"),
        ("al2023", "ec2-user"),
        ("amzn", "ec2-user"),
        ("amazon", "ec2-user"),
        ("137112412989", "ec2-user"),
        ("rhel", "ec2-user"),
        ("309956199498", "ec2-user"),
    ];
    let image = image.to_lowercase();
    USERS.iter().find(|(part, _)| image.contains(part)).map_or("ubuntu", |(_, user)| user)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_run_says_what_comes_next() {
        let mut cluster = Cluster::default();
        cluster.metadata.name = "c.example.com".to_owned();
        let mut bastion = InstanceGroup::default();
        bastion.spec.role = Some(InstanceGroupRole::Bastion);
        let first = next_steps(&cluster, &[bastion], Path::new("out"), false);
        assert!(first.starts_with("\nTerraform output has been placed into out\nRun these commands"), "{first}");
        assert!(first.contains("\n   cd out\n   terraform init\n"), "{first}");
        assert!(first.contains("bastionPublicName"), "{first}");
        let later = next_steps(&cluster, &[], Path::new("out"), true);
        assert!(later.ends_with("restart: kopsform rolling-update cluster\n\n"), "{later}");
        assert_eq!((login_user("debian-13-amd64"), login_user("ami-1")), ("admin", "ubuntu"));
    }
}
