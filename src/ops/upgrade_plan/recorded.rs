//! Launch templates as a Terraform state file has them, for when the cloud cannot be reached.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use kopsform_files::{TEXT_LIMIT, read_bounded};
use kopsform_model::gce::BOOT_SCRIPTS;

use super::Launch;

/// The state of Terraform's local backend.
const STATE_FILE: &str = "terraform.tfstate";

/// The parts of a state file, version 4, that are read. Other versions have other fields, so nothing is found in them.
#[derive(Deserialize)]
struct StateFile {
    #[serde(default)]
    resources: Vec<Resource>,
}

#[derive(Deserialize)]
struct Resource {
    mode: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    instances: Vec<Instance>,
}

#[derive(Deserialize)]
struct Instance {
    #[serde(default)]
    attributes: Value,
}

/// The launch templates in the state file of a directory, by their names, and on Google Cloud by those of the managed instance groups
/// that use them. Empty if there is none, or it cannot be read: then they are unknown.
pub(super) fn launch_templates(directory: &Path) -> BTreeMap<String, Launch> {
    let text = read_bounded(&directory.join(STATE_FILE), TEXT_LIMIT).unwrap_or_default();
    parse(&text)
}

fn parse(text: &[u8]) -> BTreeMap<String, Launch> {
    let Ok(StateFile { resources }) = serde_json::from_slice(text) else { return BTreeMap::new() };
    let of = |kind: &'static str| {
        let managed = resources.iter().filter(move |found| found.mode == "managed" && found.kind == kind);
        managed.flat_map(|resource| &resource.instances).map(|instance| &instance.attributes)
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let of_aws = of("aws_launch_template").map(|template| {
        (text(&template["name"]), Launch::encoded(text(&template["image_id"]), &text(&template["user_data"])))
    });
    // Both are whole addresses, which end with the name.
    let name = |value: &Value| last(value.as_str().unwrap_or_default()).to_owned();
    let templates: BTreeMap<String, &Value> =
        of("google_compute_instance_template").map(|template| (name(&template["self_link"]), template)).collect();
    let of_gce = of("google_compute_instance_group_manager").filter_map(|manager| {
        let template = templates.get(&name(&manager["version"][0]["instance_template"]))?;
        let image = image(template["disk"][0]["source_image"].as_str().unwrap_or_default());
        let script = BOOT_SCRIPTS.iter().find_map(|key| template["metadata"][key].as_str()).unwrap_or_default();
        Some((text(&manager["name"]), Launch { image, user_data: script.as_bytes().to_vec() }))
    });
    of_aws.chain(of_gce).collect()
}

/// `PROJECT/IMAGE` of the address of an image.
fn image(address: &str) -> String {
    let project = address.split_once("projects/").and_then(|(_, rest)| rest.split('/').next()).unwrap_or_default();
    format!("{project}/{}", last(address))
}

/// The name at the end of an address.
fn last(address: &str) -> &str {
    address.rsplit('/').next().unwrap_or(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_file_has_images_and_user_data() {
        let text = br#"{ "version": 4, "resources": [
            { "mode": "managed", "type": "aws_launch_template", "name": "nodes-c", "instances": [
                { "attributes": { "name": "nodes.c", "image_id": "ami-1", "user_data": "IyEvYmluL3NoCg==" } } ] },
            { "mode": "data", "type": "aws_launch_template", "name": "x", "instances": [{ "attributes": { "name": "other" } }] },
            { "mode": "managed", "type": "aws_vpc", "name": "x", "instances": [{}] } ] }"#;
        let found = parse(text);
        let expected = Launch { image: "ami-1".to_owned(), user_data: b"#!/bin/sh\n".to_vec() };
        assert_eq!(found, BTreeMap::from([("nodes.c".to_owned(), expected)]));
        for unusable in [&b""[..], b"{", b"[]", b"{\"resources\": 1}"] {
            assert!(parse(unusable).is_empty());
        }
    }

    #[test]
    fn managed_instance_groups_lead_to_their_templates() {
        let link = "https://www.googleapis.com/compute/v1/projects";
        let text = serde_json::json!({ "version": 4, "resources": [
            { "mode": "managed", "type": "google_compute_instance_template", "name": "t", "instances": [{ "attributes": {
                "name": "nodes-c-2026", "self_link": format!("{link}/p/global/instanceTemplates/nodes-c-2026"),
                "disk": [{ "source_image": format!("{link}/images/global/images/ubuntu") }],
                "metadata": { "startup-script": "#!/bin/sh\n" },
            } }] },
            { "mode": "managed", "type": "google_compute_instance_group_manager", "name": "m", "instances": [{ "attributes": {
                "name": "a-nodes-c",
                "version": [{ "instance_template": format!("{link}/p/global/instanceTemplates/nodes-c-2026") }],
            } }] },
        ] });
        let expected = Launch { image: "images/ubuntu".to_owned(), user_data: b"#!/bin/sh\n".to_vec() };
        assert_eq!(parse(text.to_string().as_bytes()), BTreeMap::from([("a-nodes-c".to_owned(), expected)]));
    }
}
