//! Launch templates as a Terraform state file has them, for when AWS cannot be reached.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use kopsform_files::{TEXT_LIMIT, read_bounded};

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
    attributes: serde_json::Value,
}

/// The launch templates in the state file of a directory, by their names. Empty if there is none, or it cannot be read: then they
/// are unknown.
pub(super) fn launch_templates(directory: &Path) -> BTreeMap<String, Launch> {
    let text = read_bounded(&directory.join(STATE_FILE), TEXT_LIMIT).unwrap_or_default();
    parse(&text)
}

fn parse(text: &[u8]) -> BTreeMap<String, Launch> {
    let Ok(StateFile { resources }) = serde_json::from_slice(text) else { return BTreeMap::new() };
    let templates = resources.iter().filter(|found| found.mode == "managed" && found.kind == "aws_launch_template");
    let instances = templates.flat_map(|template| &template.instances);
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    instances
        .map(|Instance { attributes }| {
            let launch = Launch::encoded(text(&attributes["image_id"]), &text(&attributes["user_data"]));
            (text(&attributes["name"]), launch)
        })
        .collect()
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
}
