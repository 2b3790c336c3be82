import sdk from "@mistralai/mistralai";
import { lifeCycle } from "../life-cycle.mjs";

// This generation accepts five model names only: the server maps this one to a local base model.
await lifeCycle(sdk.Mistral, "open-mistral-7b", { anyModel: false, signedUrl: false, wholeStreams: false, classifiers: false });
