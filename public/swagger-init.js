// Starts Swagger UI on /my/docs. A file of its own, because the page's policy allows no inline script.
window.ui = window.SwaggerUIBundle({
  url: "/my/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  persistAuthorization: false,
  validatorUrl: null,
});
