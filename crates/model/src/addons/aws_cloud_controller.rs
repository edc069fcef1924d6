//! AWS cloud controller manager: knows the nodes and makes load balancers of services.

use serde::Serialize;

use super::addon_context::{AddonContext, amount_or};
use super::cloud_controller;
use super::plan::{Addon, AddonsError, Plan, templates};
use super::versions;
use kopsform_spec::v1alpha2::CloudControllerManagerConfig;

pub(super) const ADDON: Addon = Addon { directory: "aws-cloud-controller", plan };

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Values {
    image: String,
    args: Vec<String>,
    cpu_request: String,
}

fn plan(scene: &AddonContext<'_>) -> Result<Option<Plan>, AddonsError> {
    let default = CloudControllerManagerConfig::default();
    let config = scene.cluster.spec.cloud_controller_manager.as_ref().unwrap_or(&default);
    let values = Values {
        image: match config.image.as_str() {
            "" => versions::AWS_CLOUD_CONTROLLER.image(scene.minor),
            own => own.to_owned(),
        },
        args: cloud_controller::arguments(config, scene.cloud),
        cpu_request: amount_or(config.cpu_request.as_ref(), "200m"),
    };
    let files = templates!("aws-cloud-controller": "aws-cloud-controller", "rbac");
    let content = scene.templates("aws-cloud-controller", files, values)?;
    Ok(Some(Plan::new("aws-cloud-controller.addons.k8s.io", "k8s-1.18", content)))
}
