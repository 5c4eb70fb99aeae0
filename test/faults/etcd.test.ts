import { faultSuite } from "./suite.ts";

faultSuite("etcd");
