//! Which files mean the same, for `--keep-equivalent` and target direct.

use std::path::Path;

use serde_json::Value;

use kopsform_compare as compare;
use kopsform_model::PreviousFiles;
use kopsform_terraform::{Output, previous_files};
use kopsform_yaml as yaml;

/// The managed files of an output as a directory has them.
pub fn previous(output: &Output, dir: &Path) -> PreviousFiles {
    PreviousFiles { contents: previous_files(output, dir), is_equivalent: is_equivalent_text }
}

/// [`is_equivalent`], of strings.
pub fn is_equivalent_text(path: &str, earlier: &str, new: &str) -> bool {
    is_equivalent(path, earlier.as_bytes(), new.as_bytes())
}

/// Whether two versions of a file mean the same.
///
/// In addition to what [`compare::equivalent`] leaves out, schemas of custom resource definitions do not count. kops has those that each
/// project publishes; ours describe what the manifests of a cluster use and let everything else pass. The objects of the cluster
/// are valid under both.
pub fn is_equivalent(path: &str, earlier: &[u8], new: &[u8]) -> bool {
    if compare::equivalent(path, earlier, new) {
        return true;
    }
    match (without_schemas(path, earlier), without_schemas(path, new)) {
        (Some(earlier), Some(new)) => compare::equivalent(path, earlier.as_bytes(), new.as_bytes()),
        _ => false,
    }
}

/// A manifest without the schemas of its custom resource definitions; `None` if it has none.
fn without_schemas(path: &str, manifest: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(manifest).ok().filter(|text| text.contains("CustomResourceDefinition"))?;
    let parsed = yaml::parse(path, text);
    if parsed.report.has_errors() {
        return None;
    }
    let mut found = false;
    let mut objects = Vec::new();
    for document in &parsed.documents {
        let mut object = document.root.to_json();
        if object.get("kind").and_then(Value::as_str) == Some("CustomResourceDefinition") {
            found = true;
            remove_schema(&mut object);
        }
        objects.push(yaml::to_string(&object));
    }
    found.then(|| objects.join("---\n"))
}

/// Removes what only validates and shows objects, and the note of the program that generated the definition.
fn remove_schema(definition: &mut Value) {
    const GENERATOR: &str = "controller-gen.kubebuilder.io/version";
    if let Some(metadata) = definition.get_mut("metadata").and_then(Value::as_object_mut) {
        if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
            annotations.remove(GENERATOR);
        }
        if metadata.get("annotations").and_then(Value::as_object).is_some_and(serde_json::Map::is_empty) {
            metadata.remove("annotations");
        }
    }
    // The only value that the API accepts in this version, and its default.
    if let Some(spec) = definition.get_mut("spec").and_then(Value::as_object_mut)
        && spec.get("preserveUnknownFields") == Some(&Value::Bool(false))
    {
        spec.remove("preserveUnknownFields");
    }
    let versions = definition.pointer_mut("/spec/versions").and_then(Value::as_array_mut);
    for version in versions.into_iter().flatten().filter_map(Value::as_object_mut) {
        version.remove("schema");
        version.remove("additionalPrinterColumns");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFINITION: &str = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: a.b.c\n\
                              spec:\n  group: b.c\n  versions:\n  - name: v1\n    served: true\n    storage: true\n";

    #[test]
    fn schemas_of_definitions_do_not_count_and_what_is_served_does() {
        let detailed = format!("{DEFINITION}    schema: {{openAPIV3Schema: {{type: object, required: [spec]}}}}\n");
        let open = format!("{DEFINITION}    schema: {{openAPIV3Schema: {{type: object}}}}\n");
        assert!(is_equivalent("crd", detailed.as_bytes(), open.as_bytes()));
        let other = open.replace("served: true", "served: false");
        assert!(!is_equivalent("crd", detailed.as_bytes(), other.as_bytes()));
        let more = format!("{open}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: x}}\n");
        assert!(!is_equivalent("crd", detailed.as_bytes(), more.as_bytes()));
    }
}
