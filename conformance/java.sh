# Read by the suites that run on Java: $java is the one that the harness itself runs on, else the one on the PATH.
java=${LUTHIER_JAVA:-java}
