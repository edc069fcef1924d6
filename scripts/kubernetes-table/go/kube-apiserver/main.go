package main

import (
	extensions "k8s.io/apiextensions-apiserver/pkg/apiserver"
	"k8s.io/apimachinery/pkg/runtime"
	aggregator "k8s.io/kube-aggregator/pkg/apiserver/scheme"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/kubeapiserver/options"

	"table/dump"
)

func main() {
	var c dump.Component
	// --runtime-config is checked against these three, see cmd/kube-apiserver/app/options/validation.go.
	for _, scheme := range []*runtime.Scheme{legacyscheme.Scheme, extensions.Scheme, aggregator.Scheme} {
		for _, version := range scheme.PrioritizedVersionsAllGroups() {
			c.APIs = append(c.APIs, version.String())
		}
	}
	c.Plugins = options.NewAdmissionOptions().GenericAdmission.Plugins.Registered()
	dump.Write(c, app.NewAPIServerCommand().Flags())
}
