//! Ports of network load balancers.

use aws_sdk_elasticloadbalancingv2::types as elb;

use super::support::{id_of, own_id, sent, with_id};
use super::{DirectCloud, Search};
use kopsform_direct::desired::task_of;
use kopsform_direct::{Attributes, CloudError, Found, Object, Operation, TaskId, TaskKind};
use kopsform_model::aws::resources::Listener;
use kopsform_rolling::ports::ApiError;

/// Adds the listeners of a load balancer.
pub(super) async fn find(search: &Search<'_>, balancer: &TaskId, arn: &str, found: &mut Found) -> Result<(), ApiError> {
    let wanted = search.of::<Listener>(TaskKind::Listener);
    if wanted.is_empty() {
        return Ok(());
    }
    let call = search.cloud.clients.elbv2().describe_listeners().load_balancer_arn(arn);
    let listeners: Vec<elb::Listener> = super::support::all!(call, format!("DescribeListeners {arn}"))?;
    for (task, listener) in wanted {
        if task_of(TaskKind::NetworkLoadBalancer, &listener.load_balancer) != *balancer {
            continue;
        }
        if let Some(existing) = listeners.iter().find(|existing| existing.port() == Some(listener.port.into())) {
            let certificate = existing.certificates().first().and_then(|certificate| certificate.certificate_arn());
            let target = existing.default_actions().first().and_then(|action| action.target_group_arn());
            let object = Object::new(existing.listener_arn().unwrap_or_default())
                .field("SSLCertificateID", certificate)
                .field("SSLPolicy", existing.ssl_policy())
                .field("TargetGroup", target);
            found.objects.insert(task.id.clone(), object);
        }
    }
    Ok(())
}

pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let listener = cloud.resource::<Listener>(operation.task)?;
    let balancer = id_of(operation, TaskKind::NetworkLoadBalancer, &listener.load_balancer)?;
    let call = cloud
        .clients
        .elbv2()
        .create_listener()
        .load_balancer_arn(balancer)
        .port(listener.port.into())
        .protocol(protocol(listener))
        .default_actions(action(operation, listener)?)
        .set_ssl_policy(listener.tls.as_ref().map(|tls| tls.policy.clone()))
        .set_certificates(certificates(listener));
    let created = sent!(call, "CreateListener {}", operation.task.id.name)?;
    Ok(with_id(created.listeners().first().and_then(|listener| listener.listener_arn()).unwrap_or_default()))
}

fn protocol(listener: &Listener) -> elb::ProtocolEnum {
    if listener.tls.is_some() { elb::ProtocolEnum::Tls } else { elb::ProtocolEnum::Tcp }
}

fn action(operation: &Operation<'_>, listener: &Listener) -> Result<elb::Action, CloudError> {
    let target = id_of(operation, TaskKind::TargetGroup, &listener.target_group)?;
    Ok(elb::Action::builder().r#type(elb::ActionTypeEnum::Forward).target_group_arn(target).build())
}

fn certificates(listener: &Listener) -> Option<Vec<elb::Certificate>> {
    let tls = listener.tls.as_ref()?;
    Some(vec![elb::Certificate::builder().certificate_arn(&tls.certificate).build()])
}

/// Replaces the listener, as kops does: one that loses its certificate cannot be changed in place.
pub(super) async fn update(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let arn = own_id(operation)?;
    match cloud.clients.elbv2().delete_listener().listener_arn(arn).send().await {
        Err(error) if super::support::has_code(&error, "ListenerNotFound") => {}
        other => {
            other.map_err(super::support::change_failed(format!("DeleteListener {arn}")))?;
        }
    }
    create(cloud, operation).await
}
