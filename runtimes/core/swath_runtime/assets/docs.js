// The service's OpenAPI document, shown by Swagger UI; where the service asks for a token, so does the page.
"use strict";

const byId = (id) => document.getElementById(id);

async function show(token) {
  const headers = { accept: "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  const reply = await fetch("openapi", { headers });
  const answer = await reply.json();
  if (!reply.ok) {
    byId("why").textContent = answer.message;
    byId("ask").hidden = false;
    return;
  }
  byId("ask").hidden = true;
  document.title = answer.info.title;
  const ui = SwaggerUIBundle({
    spec: answer,
    domNode: byId("page"),
    deepLinking: true,
    tryItOutEnabled: true,
    validatorUrl: null,
    onComplete() {
      if (token) ui.preauthorizeApiKey("bearer", token); // kept by the page alone, until it is left
    },
  });
}

byId("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  show(byId("token").value.trim());
});
show("");
