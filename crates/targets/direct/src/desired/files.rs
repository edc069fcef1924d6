//! Files in the state store.

use kopsform_model::{FileKind, ManagedFile, NodeId};

use super::Builder;
use crate::task::{Task, TaskKind};
use crate::value::Value;

impl Builder<'_> {
    pub(super) fn managed_file(&self, id: &NodeId, file: &ManagedFile) -> Vec<Task> {
        let kind = match file.kind {
            FileKind::Addon => TaskKind::AddonManifest,
            FileKind::Channel => TaskKind::BootstrapChannel,
            FileKind::Other => TaskKind::ManagedFile,
        };
        let task = Task::new(kind, id.name.as_str(), id.clone())
            .initial("Location", &file.key)
            .update("Contents", Value::Document(file.content.clone()));
        vec![if file.public { task.update("PublicACL", true) } else { task }]
    }
}
