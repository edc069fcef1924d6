//! Internet gateways, for both directions and for one.

use aws_sdk_ec2::types as ec2;

use super::support::{
    all, existing_id, filter, has_code, id_of, matching, own_id, plain, sent_once, tagged, tags_value, update_tags,
    with_id,
};
use super::{DirectCloud, Search};
use crate::error::failed;
use kopsform_direct::{Attributes, CloudError, Found, Object, Operation, TaskKind};
use kopsform_model::aws::resources::{EgressOnlyInternetGateway, InternetGateway};
use kopsform_rolling::ports::ApiError;

pub(super) async fn find(search: &Search<'_>) -> Result<Found, ApiError> {
    let mut found = Found::default();
    let client = search.cloud.clients.ec2();
    for (task, _) in search.of::<InternetGateway>(TaskKind::InternetGateway) {
        let filters = match existing_id(task) {
            Some(id) => vec![filter("internet-gateway-id", [id])],
            None => search.cloud.of_cluster(),
        };
        let call = client.describe_internet_gateways().set_filters(Some(filters));
        let gateways: Vec<ec2::InternetGateway> = all!(call, "DescribeInternetGateways")?;
        let of_task = matching(task, &gateways, ec2::InternetGateway::internet_gateway_id, ec2::InternetGateway::tags)?;
        if let Some(gateway) = of_task {
            let vpc = gateway.attachments().first().and_then(|attachment| attachment.vpc_id());
            let object = Object::new(gateway.internet_gateway_id().unwrap_or_default());
            let object = object.field("Tags", tags_value(gateway.tags())).field("VPC", vpc);
            found.objects.insert(task.id.clone(), object);
        }
    }
    for (task, _) in search.of::<EgressOnlyInternetGateway>(TaskKind::EgressOnlyInternetGateway) {
        let call = client.describe_egress_only_internet_gateways();
        let call = match existing_id(task) {
            Some(id) => call.egress_only_internet_gateway_ids(id),
            None => call.set_filters(Some(search.cloud.of_cluster())),
        };
        let gateways: Vec<ec2::EgressOnlyInternetGateway> = call
            .into_paginator()
            .items()
            .send()
            .try_collect()
            .await
            .map_err(failed("DescribeEgressOnlyInternetGateways"))?;
        let of_task = matching(
            task,
            &gateways,
            ec2::EgressOnlyInternetGateway::egress_only_internet_gateway_id,
            ec2::EgressOnlyInternetGateway::tags,
        )?;
        if let Some(gateway) = of_task {
            let vpc = gateway.attachments().first().and_then(|attachment| attachment.vpc_id());
            let object = Object::new(gateway.egress_only_internet_gateway_id().unwrap_or_default());
            let object = object.field("Tags", tags_value(gateway.tags())).field("VPC", vpc);
            found.objects.insert(task.id.clone(), object);
        }
    }
    Ok(found)
}

pub(super) async fn create_internet(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let gateway = cloud.resource::<InternetGateway>(operation.task)?;
    let vpc = id_of(operation, TaskKind::Vpc, &gateway.vpc)?;
    let call = cloud.clients.ec2().create_internet_gateway();
    let call = call.set_tag_specifications(tagged(ec2::ResourceType::InternetGateway, &plain(&gateway.tags)));
    let created = sent_once!(call, "CreateInternetGateway")?;
    let id = created.internet_gateway().and_then(|gateway| gateway.internet_gateway_id()).unwrap_or_default();
    attach(cloud, id, vpc).await?;
    Ok(with_id(id))
}

async fn attach(cloud: &DirectCloud, id: &str, vpc: &str) -> Result<(), CloudError> {
    let call = cloud.clients.ec2().attach_internet_gateway().internet_gateway_id(id).vpc_id(vpc);
    match call.send().await {
        Err(error) if has_code(&error, "Resource.AlreadyAssociated") => Ok(()),
        other => other.map(|_| ()).map_err(super::support::change_failed(format!("AttachInternetGateway {id}"))),
    }
}

/// A gateway that an interrupted run left without its VPC is attached.
pub(super) async fn update_internet(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    if operation.changes("VPC") {
        let gateway = cloud.resource::<InternetGateway>(operation.task)?;
        attach(cloud, own_id(operation)?, id_of(operation, TaskKind::Vpc, &gateway.vpc)?).await?;
    }
    update_tags(cloud, operation).await
}

pub(super) async fn create_egress_only(
    cloud: &DirectCloud,
    operation: &Operation<'_>,
) -> Result<Attributes, CloudError> {
    let gateway = cloud.resource::<EgressOnlyInternetGateway>(operation.task)?;
    let vpc = id_of(operation, TaskKind::Vpc, &gateway.vpc)?;
    let call = cloud.clients.ec2().create_egress_only_internet_gateway().vpc_id(vpc);
    let call = call.set_tag_specifications(tagged(ec2::ResourceType::EgressOnlyInternetGateway, &plain(&gateway.tags)));
    let created = sent_once!(call, "CreateEgressOnlyInternetGateway in {vpc}")?;
    let gateway = created.egress_only_internet_gateway();
    Ok(with_id(gateway.and_then(|gateway| gateway.egress_only_internet_gateway_id()).unwrap_or_default()))
}
