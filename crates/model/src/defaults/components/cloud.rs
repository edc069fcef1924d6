//! Settings of the integration with the cloud.

use super::{ComponentContext, gce};
use crate::defaults::DefaultsError;
use kopsform_spec::v1alpha2::Cluster;

const EBS_CSI_DRIVER: &str = "v1.58.0";

pub(super) fn cloud_config(cluster: &mut Cluster, context: &ComponentContext<'_>) -> Result<(), DefaultsError> {
    if cluster.is_on_gce() {
        gce::cloud_config(cluster, context);
        return Ok(());
    }
    let ipv6 = cluster.is_ipv6_only();
    let config = cluster.spec.cloud_config.get_or_insert_default();
    config.manage_storage_classes.get_or_insert(true);
    if ipv6 && config.node_ip_families.is_empty() {
        config.node_ip_families = vec!["ipv6".to_owned(), "ipv4".to_owned()];
    }
    Ok(())
}

pub(super) fn ebs_csi_driver(cluster: &mut Cluster, _: &ComponentContext<'_>) -> Result<(), DefaultsError> {
    if cluster.is_on_gce() {
        return Ok(());
    }
    let driver = cluster.spec.cloud_config.get_or_insert_default().aws_ebs_csi_driver.get_or_insert_default();
    driver.version.get_or_insert_with(|| EBS_CSI_DRIVER.to_owned());
    Ok(())
}
