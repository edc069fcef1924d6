//! kubectl's configuration.

use kopsform_env::Environment;
use kopsform_kubeconfig::{Entry, Kubeconfig, Login, current_cluster};
use proptest::prelude::*;

use super::input::{bounded, config, mutated, token};

const KUBECONFIG: &str = "\
apiVersion: v1
kind: Config
current-context: other
clusters:
- name: other
  cluster: {server: 'https://other.example.com', certificate-authority-data: QQ==}
contexts:
- name: other
  context: {cluster: other, user: other, namespace: kube-system}
users:
- name: other
  user: {token: hunter2secret, exec: {command: aws, args: [eks, get-token]}}
preferences: {colors: true}
";

proptest! {
    #![proptest_config(config())]

    #[test]
    fn kubeconfigs(text in mutated(vec![KUBECONFIG.to_owned()]), name in token(), secret in token()) {
        prop_assume!(!name.is_empty());
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("config");
        std::fs::write(&path, &text).unwrap();
        let environment = Environment::default().with("KUBECONFIG", &path.display().to_string());
        let current = bounded(|| current_cluster(&environment));
        if let Err(problem) = &current {
            prop_assert!(!problem.contains("hunter2"), "{problem}");
        }
        let opened = bounded(|| Kubeconfig::open(vec![path.clone()]));
        let mut kubeconfig = match opened {
            Ok(kubeconfig) => kubeconfig,
            Err(error) => {
                let said = kopsform_diagnostics::with_causes(&error);
                prop_assert!(!said.contains("hunter2"), "{said}");
                prop_assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "changed although it cannot be read");
                return Ok(());
            }
        };
        let entry = Entry {
            name: name.clone(),
            server: "https://api.example.com".to_owned(),
            tls_server_name: "api.internal.example.com".to_owned(),
            authority: Some(secret.clone()),
            login: Login::Certificate { certificate: secret.clone(), key: secret.into() },
        };
        kubeconfig.put(&entry).unwrap();
        kubeconfig.save().unwrap();
        drop(kubeconfig);
        let again = Kubeconfig::open(vec![path.clone()]).unwrap();
        prop_assert!(again.has_context(&name));
        drop(again);
        prop_assert_eq!(current_cluster(&environment), Ok(Some(name.clone())));

        let mut again = Kubeconfig::open(vec![path]).unwrap();
        again.remove(&name);
        again.save().unwrap();
        prop_assert!(!again.has_context(&name));
    }
}
