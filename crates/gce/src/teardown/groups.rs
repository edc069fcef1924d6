//! Instance templates, managed instance groups, instances and disks.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::ownership::created_by;
use super::{ClusterResources, Machines};
use crate::error::call_failed;
use crate::link::{Link, Scope};
use crate::value::{items, strings, text};
use kopsform_rolling::ports::ApiError;
use kopsform_rolling::teardown::{GoogleKind, Resource};

impl ClusterResources {
    /// Templates whose metadata names the cluster, groups that use them, and the instances of both.
    pub(super) async fn groups(&self) -> Result<(Machines, Vec<Resource>), ApiError> {
        let labeled = self.rules.label_filter();
        let (templates, managers, instances) = futures::try_join!(
            self.all(&Scope::Global, "instanceTemplates"),
            self.aggregated("instanceGroupManagers", ""),
            self.aggregated("instances", &labeled),
        )?;
        let nothing = Value::Null;
        let properties = |template: &Value| template.get("properties").unwrap_or(&nothing).clone();
        let templates: BTreeMap<Link, Value> = templates
            .into_iter()
            .filter(|template| self.rules.is_named_in_metadata(&properties(template)))
            .filter_map(|template| Some((Link::parse(text(&template, "selfLink"))?, template)))
            .collect();
        let own: BTreeSet<&Link> = templates.keys().collect();
        let mut machines = Machines::default();
        let mut found: Vec<Resource> = templates.values().filter_map(|template| self.template(template)).collect();
        for manager in managers.iter().filter(|manager| uses_only(manager, &own)) {
            let Some(resource) = self.resource(GoogleKind::InstanceGroupManager, manager) else { continue };
            machines.managers.push(resource.key.id.clone());
            machines.groups.extend(Link::parse(text(manager, "instanceGroup")).map(|link| link.to_string()));
            let used = templates_of(manager).filter_map(|url| self.referred(GoogleKind::InstanceTemplate, url));
            let pools = strings(manager, "targetPools").filter_map(|url| self.referred(GoogleKind::TargetPool, url));
            found.push(resource.before(GoogleKind::InstanceTemplate, used).before(GoogleKind::TargetPool, pools));
        }
        for instance in instances.iter().filter(|instance| self.rules.is_named_in_metadata(instance)) {
            let Some(resource) = self.resource(GoogleKind::Instance, instance) else { continue };
            machines.instances.push(resource.key.id.clone());
            machines.links.extend(Link::parse(text(instance, "selfLink")).map(|link| link.to_string()));
            // A group replaces instances that are deleted before it.
            let manager = self.referred(GoogleKind::InstanceGroupManager, created_by(instance));
            let interfaces: Vec<&Value> = items(instance, "networkInterfaces").collect();
            let subnets = interfaces.iter().filter_map(|i| self.referred(GoogleKind::Subnet, text(i, "subnetwork")));
            let networks = interfaces.iter().filter_map(|i| self.referred(GoogleKind::Network, text(i, "network")));
            found.push(
                resource
                    .after(GoogleKind::InstanceGroupManager, manager)
                    .before(GoogleKind::Subnet, subnets)
                    .before(GoogleKind::Network, networks),
            );
        }
        Ok((machines, found))
    }

    fn template(&self, template: &Value) -> Option<Resource> {
        let interfaces: Vec<&Value> =
            template.get("properties").map(|all| items(all, "networkInterfaces").collect()).unwrap_or_default();
        let subnets = interfaces.iter().filter_map(|i| self.referred(GoogleKind::Subnet, text(i, "subnetwork")));
        let networks = interfaces.iter().filter_map(|i| self.referred(GoogleKind::Network, text(i, "network")));
        let resource = self.resource(GoogleKind::InstanceTemplate, template)?;
        Some(resource.before(GoogleKind::Subnet, subnets).before(GoogleKind::Network, networks))
    }

    /// The disks with the cluster's label: those of etcd, and those that the CSI driver made for volumes of pods.
    pub(super) async fn disks(&self) -> Result<Vec<Resource>, ApiError> {
        let disks = self.aggregated("disks", &self.rules.label_filter()).await?;
        let own = disks.iter().filter(|disk| self.rules.is_labeled(disk));
        Ok(own
            .filter_map(|disk| {
                let users = strings(disk, "users").filter_map(|url| self.referred(GoogleKind::Instance, url));
                Some(self.resource(GoogleKind::Disk, disk)?.after(GoogleKind::Instance, users))
            })
            .collect())
    }

    pub(super) async fn aggregated(&self, kind: &str, filter: &str) -> Result<Vec<Value>, ApiError> {
        let project = &self.rules.project;
        let found = self.api.get_aggregated(project, kind, filter).await;
        found.map_err(call_failed(format!("list projects/{project}/aggregated/{kind}")))
    }
}

/// The templates of a group: the current one, and during an update others.
fn templates_of(manager: &Value) -> impl Iterator<Item = &str> {
    let versions = items(manager, "versions").map(|version| text(version, "instanceTemplate"));
    std::iter::once(text(manager, "instanceTemplate")).chain(versions).filter(|url| !url.is_empty())
}

/// Whether a group starts instances from these templates and no others.
fn uses_only(manager: &Value, templates: &BTreeSet<&Link>) -> bool {
    let mut used = templates_of(manager).peekable();
    used.peek().is_some() && used.all(|url| Link::parse(url).is_some_and(|link| templates.contains(&link)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn a_group_that_also_uses_another_template_is_not_owned() {
        let own = Link::parse("projects/p/global/instanceTemplates/own").unwrap();
        let other = "projects/p/global/instanceTemplates/other";
        let templates = BTreeSet::from([&own]);
        let manager = |current: &str, versions: &[&str]| {
            let versions: Vec<Value> = versions.iter().map(|t| json!({ "instanceTemplate": t })).collect();
            json!({ "instanceTemplate": current, "versions": versions })
        };
        let own = own.to_string();
        assert!(uses_only(&manager(&own, &[&own]), &templates));
        assert!(uses_only(&manager("", &[&own]), &templates));
        assert!(!uses_only(&manager(&own, &[&own, other]), &templates));
        assert!(!uses_only(&manager("", &[]), &templates));
    }
}
