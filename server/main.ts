#!/usr/bin/env node
// No static import: what is imported here is read before the check, and a Node that is too old may not even parse it.
if (Number.parseInt(process.versions.node, 10) >= 20) import('./commandLine.ts');
else import('./commands/oldNode.ts').then(({ oldNode }) => oldNode());
