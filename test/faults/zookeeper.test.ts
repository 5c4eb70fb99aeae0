import { faultSuite } from "./suite.ts";

faultSuite("zookeeper");
