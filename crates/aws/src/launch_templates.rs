//! What the launch templates of a cluster's groups say, in the version that each group uses.

use std::collections::BTreeMap;

use futures::stream::{StreamExt as _, TryStreamExt as _};

use super::clients::Clients;
use super::error::failed;
use super::snapshot::{LAUNCH_TEMPLATE, snapshot};
use kopsform_rolling::ports::{ApiError, LaunchSource};

/// How many launch templates are described concurrently.
const CONCURRENT_CALLS: usize = 5;

/// The parts of a launch template that change with an upgrade.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LaunchData {
    /// `ami-…`.
    pub image: String,
    /// In base64, as EC2 has it.
    pub user_data: String,
}

/// The launch templates of a cluster by the names of their auto scaling groups. Groups with launch configurations are left out.
///
/// # Errors
/// When the groups or templates cannot be described.
pub async fn launch_templates(clients: &Clients, cluster: &str) -> Result<BTreeMap<String, LaunchData>, ApiError> {
    let groups = snapshot(clients, cluster).await?.groups;
    let templates = groups.into_iter().filter_map(|group| match group.launch {
        Some(LaunchSource { kind: LAUNCH_TEMPLATE, id, version: Some(version) }) => Some((group.name, id, version)),
        _ => None,
    });
    futures::stream::iter(templates)
        .map(|(group, id, version)| async move {
            let call = clients.ec2().describe_launch_template_versions().launch_template_id(&id).versions(version);
            let found = call.send().await.map_err(failed(format!("DescribeLaunchTemplateVersions {id}")))?;
            let data = found.launch_template_versions().first().and_then(|version| version.launch_template_data());
            let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
            let data = data.map(|data| LaunchData { image: text(data.image_id()), user_data: text(data.user_data()) });
            Ok(data.map(|data| (group, data)))
        })
        .buffer_unordered(CONCURRENT_CALLS)
        .try_filter_map(|found| async move { Ok(found) })
        .try_collect()
        .await
}
