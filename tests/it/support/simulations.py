"""Simulations for the integration tests, each a copy of one process that has imported everything: starting one takes no time.

Prints the port that it listens on. The first line of a connection names a simulation, such as simulated_aws; a copy of this process
then runs it, with the connection as its standard input and output. Ends with its own standard input, as when the tests are killed.
"""
import importlib, os, selectors, signal, socket, sys

import simulated_account
import simulated_aws
import simulated_cluster

import boto3

MAINS = {module.__name__: module.main for module in (simulated_account, simulated_aws, simulated_cluster)}
SERVICES = ("autoscaling", "ec2", "elb", "elbv2", "events", "iam", "route53", "s3", "sqs", "ssm", "sts")


def load():
    """Loads what services load when they are first called, and starts none of them: each simulation has its own images."""
    for service in SERVICES:
        importlib.import_module(f"moto.{service}.urls")
        boto3.client(service, region_name=simulated_aws.REGION)


def run(connection):
    """Runs the simulation that the connection asks for, in a copy of this process."""
    name = b""
    while not name.endswith(b"\n"):
        byte = connection.recv(1)
        if not byte:
            return
        name += byte
    os.dup2(connection.fileno(), 0)
    os.dup2(connection.fileno(), 1)
    connection.close()
    MAINS[name.decode().strip()]()
    sys.stdout.flush()


def main():
    load()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener, selectors.DefaultSelector() as selector:
        print(listener.getsockname()[1], flush=True)
        selector.register(listener, selectors.EVENT_READ)
        selector.register(sys.stdin.buffer, selectors.EVENT_READ)
        while not any(key.fileobj is sys.stdin.buffer for key, _ in selector.select()):
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                code = 1
                try:
                    run(connection)
                    code = 0
                except BaseException:
                    sys.excepthook(*sys.exc_info())
                finally:
                    os._exit(code)  # Do not wait for the threads of the servers.
            connection.close()


if __name__ == "__main__":
    main()
    os._exit(0)  # Taking everything apart takes longer than running it.
