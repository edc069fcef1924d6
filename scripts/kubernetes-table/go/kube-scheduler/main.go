package main

import (
	"k8s.io/kubernetes/cmd/kube-scheduler/app"

	"table/dump"
)

func main() { dump.Write(dump.Component{}, app.NewSchedulerCommand().Flags()) }
