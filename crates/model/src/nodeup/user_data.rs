//! User data: the boot script, and what the user adds to it.

use kopsform_spec::cloud::Cloud;
use kopsform_spec::v1alpha2::{InstanceGroup, InstanceGroupRole, UserData};

use super::NodeupError;

/// What takes user data, and how much of it in bytes: EC2 counts them before base64, Compute Engine limits each value of the
/// metadata.
fn limit(cloud: Cloud) -> (&'static str, usize) {
    match cloud {
        Cloud::Aws => ("EC2", 16 * 1024),
        Cloud::Gce => ("Compute Engine", 256 * 1024),
    }
}

/// The boot script alone, or a MIME archive of it and the group's additions. Bastions get additions only.
pub(super) fn assemble(script: &str, group: &InstanceGroup) -> String {
    let additions = &group.spec.additional_user_data;
    if additions.is_empty() {
        return script.to_owned();
    }
    let boundary = boundary(script, additions);
    let mut text = format!("Content-Type: multipart/mixed; boundary=\"{boundary}\"\r\nMIME-Version: 1.0\r\n\r\n");
    let mut part = |name: &str, kind: &str, content: &str| {
        text.push_str(&format!(
            "--{boundary}\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\
             Content-Transfer-Encoding: 7bit\r\nContent-Type: {kind}\r\nMime-Version: 1.0\r\n\r\n{content}\r\n"
        ));
    };
    if group.role() != InstanceGroupRole::Bastion {
        part("nodeup.sh", "text/x-shellscript", script);
    }
    for addition in additions {
        part(&addition.name, &addition.r#type, &addition.content);
    }
    text.push_str(&format!("--{boundary}--\r\n"));
    text
}

/// A line that no part has.
fn boundary(script: &str, additions: &[UserData]) -> String {
    let mut boundary = "MIMEBOUNDARY".to_owned();
    let taken = |text: &str| script.contains(text) || additions.iter().any(|a| a.content.contains(text));
    while taken(&boundary) {
        boundary.push('X');
    }
    boundary
}

/// Refuses what the cloud would refuse, before anything is written.
pub(super) fn check_length(text: &str, cloud: Cloud, group: &InstanceGroup) -> Result<(), NodeupError> {
    let (service, limit) = limit(cloud);
    if text.len() <= limit {
        return Ok(());
    }
    Err(NodeupError::UserDataTooLong {
        group: group.metadata.name.clone(),
        service,
        length: text.len(),
        limit,
        compressed: group.spec.compress_user_data == Some(true),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use kopsform_diagnostics::Explain as _;

    fn group(role: InstanceGroupRole, contents: &[&str]) -> InstanceGroup {
        let mut group = InstanceGroup::default();
        group.metadata.name = "nodes".to_owned();
        group.spec.role = Some(role);
        group.spec.additional_user_data = contents
            .iter()
            .map(|content| UserData {
                name: "own.sh".to_owned(),
                r#type: "text/x-shellscript".to_owned(),
                content: (*content).to_owned(),
            })
            .collect();
        group
    }

    #[test]
    fn without_additions_the_script_stands_alone() {
        assert_eq!(assemble("#!/bin/bash\n", &group(InstanceGroupRole::Node, &[])), "#!/bin/bash\n");
    }

    #[test]
    fn additions_follow_the_script() {
        let text = assemble("#!/bin/bash\n", &group(InstanceGroupRole::Node, &["echo a", "echo b"]));
        assert_eq!(text.matches("\r\n--MIMEBOUNDARY\r\n").count(), 3);
        assert!(text.ends_with("echo b\r\n--MIMEBOUNDARY--\r\n"));
        assert!(text.find("nodeup.sh").unwrap() < text.find("own.sh").unwrap());
    }

    #[test]
    fn bastions_do_not_become_nodes() {
        let text = assemble("#!/bin/bash\n", &group(InstanceGroupRole::Bastion, &["echo a"]));
        assert!(!text.contains("nodeup.sh"));
    }

    #[test]
    fn a_boundary_never_stands_in_a_part() {
        let text = assemble("", &group(InstanceGroupRole::Node, &["--MIMEBOUNDARY--"]));
        assert!(text.contains("boundary=\"MIMEBOUNDARYX\""));
    }

    #[test]
    fn what_the_cloud_rejects_is_refused_with_a_hint() {
        let group = group(InstanceGroupRole::Node, &[]);
        let check = |length: usize, cloud| check_length(&"x".repeat(length), cloud, &group);
        assert!(check(16_384, Cloud::Aws).is_ok());
        let error = check(16_385, Cloud::Aws).unwrap_err();
        assert_eq!(error.to_string(), "the user data of instance group nodes has 16385 bytes, EC2 takes 16384");
        assert!(error.hints()[0].contains("compressUserData"));
        assert!(check(262_144, Cloud::Gce).is_ok());
        let error = check(262_145, Cloud::Gce).unwrap_err();
        assert!(error.to_string().ends_with("has 262145 bytes, Compute Engine takes 262144"), "{error}");
    }
}
