//! The images and boot scripts from which the managed groups of a cluster start instances.

use std::collections::BTreeMap;

use serde_json::Value;

use super::snapshot::{managers, templates as own_templates};
use crate::api::Api;
use crate::link::Link;
use crate::value::{image_text, items, text};
use kopsform_model::gce::BOOT_SCRIPTS;
use kopsform_rolling::ports::ApiError;

/// The parts of an instance template that decide whether an instance is up to date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaunchData {
    /// `PROJECT/IMAGE`.
    pub image: String,
    /// The boot script.
    pub user_data: String,
}

/// The templates of the cluster that its groups use, by the names of the groups.
pub(super) async fn templates(
    api: &Api,
    project: &str,
    cluster: &str,
) -> Result<BTreeMap<String, LaunchData>, ApiError> {
    let (templates, managers) = futures::try_join!(own_templates(api, project, cluster), managers(api, project))?;
    let templates: BTreeMap<Link, &Value> =
        templates.iter().filter_map(|template| Some((Link::parse(text(template, "selfLink"))?, template))).collect();
    let of_manager = |manager: &Value| {
        let template = templates.get(&Link::parse(text(manager, "instanceTemplate"))?)?;
        Some((text(manager, "name").to_owned(), launch_data(template)))
    };
    Ok(managers.iter().filter_map(of_manager).collect())
}

fn launch_data(template: &Value) -> LaunchData {
    let image = template.pointer("/properties/disks/0/initializeParams/sourceImage").and_then(Value::as_str);
    let metadata = template.pointer("/properties/metadata").unwrap_or(&Value::Null);
    let script = items(metadata, "items").find(|item| BOOT_SCRIPTS.contains(&text(item, "key")));
    LaunchData {
        image: image.map(image_text).unwrap_or_default(),
        user_data: script.map(|item| text(item, "value")).unwrap_or_default().to_owned(),
    }
}
