import type { TestContext } from "node:test";
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
} from "@grpc/grpc-js";

export type Answering = (
  call: ServerUnaryCall<Buffer, Buffer>,
  done: sendUnaryData<Buffer>,
) => void;

const unchanged = (bytes: Buffer): Buffer => bytes;

const health: ServiceDefinition = {
  check: {
    path: "/grpc.health.v1.Health/Check",
    requestStream: false,
    responseStream: false,
    requestSerialize: unchanged,
    requestDeserialize: unchanged,
    responseSerialize: unchanged,
    responseDeserialize: unchanged,
  },
};

/** A real gRPC server with a health service, or without one if `answer` is undefined; closed at the end of the test. */
export async function grpcServer(
  t: Pick<TestContext, "after">,
  answer: Answering | undefined,
  credentials = ServerCredentials.createInsecure(),
): Promise<{ readonly host: string; readonly port: number; readonly stop: () => void }> {
  const server = new Server();
  if (answer) server.addService(health, { check: answer });
  const stop = () => server.forceShutdown();
  t.after(stop);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", credentials, (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { host: "127.0.0.1", port, stop };
}
