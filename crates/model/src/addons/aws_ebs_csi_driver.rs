//! EBS CSI driver: volumes.

use std::collections::BTreeMap;

use serde::Serialize;

use super::addon_context::{AddonContext, amount_or};
use super::plan::{Addon, AddonsError, Plan, templates};
use super::versions;
use kopsform_env::features::Feature;
use kopsform_spec::v1alpha2::EbsCsiDriver;

pub(super) const ADDON: Addon = Addon { directory: "aws-ebs-csi-driver", plan };

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Values<'a> {
    repository: &'static str,
    version: String,
    host_network: bool,
    volume_attach_limit: Option<i64>,
    pod_annotations: &'a BTreeMap<String, String>,
    kube_api_qps: String,
    kube_api_burst: i32,
    snapshots: bool,
    /// Whether the scheduler asks the driver how many volumes a node can still take.
    mutable_allocatable: bool,
    se_linux_mount: bool,
}

fn plan(scene: &AddonContext<'_>) -> Result<Option<Plan>, AddonsError> {
    let spec = &scene.cluster.spec;
    let default = EbsCsiDriver::default();
    let driver = spec.cloud_config.as_ref().and_then(|config| config.aws_ebs_csi_driver.as_ref()).unwrap_or(&default);
    if driver.managed == Some(false) {
        return Ok(None);
    }
    let values = Values {
        repository: versions::EBS_CSI_DRIVER.repository,
        version: driver.version.clone().unwrap_or_else(|| versions::EBS_CSI_DRIVER.version(scene.minor).to_owned()),
        host_network: driver.host_network,
        volume_attach_limit: driver.volume_attach_limit,
        pod_annotations: &driver.pod_annotations,
        kube_api_qps: amount_or(driver.kube_api_qps.as_ref(), "20"),
        kube_api_burst: driver.kube_api_burst.unwrap_or(100),
        snapshots: spec.snapshot_controller.as_ref().is_some_and(|controller| controller.enabled == Some(true)),
        mutable_allocatable: scene.minor >= 35,
        se_linux_mount: scene.context.features.enabled(Feature::SeLinuxMount),
    };
    let files = templates!("aws-ebs-csi-driver": "driver", "rbac", "services", "node", "controller");
    let content = scene.templates("aws-ebs-csi-driver", files, values)?;
    Ok(Some(Plan::new("aws-ebs-csi-driver.addons.k8s.io", "k8s-1.17", content)))
}
